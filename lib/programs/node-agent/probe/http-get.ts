import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { errorCode } from '../disk/file-system';
import type { FailureCause } from './probe-result';

export interface HttpGetOptions {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM text. @default the authorities of Node */
  readonly ca?: string;
  /** Limit for the connection, the head and the body together, in milliseconds. */
  readonly timeoutMs: number;
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | undefined;
}

/** A request that brought no whole answer. */
export class HttpGetError extends Error {
  override readonly name = 'HttpGetError';

  constructor(
    readonly failure: FailureCause,
    message: string,
  ) {
    super(message);
  }
}

/** Longer answers are not read to the end: no answer to a probe is that long. */
const maxBytes = 1 << 20;

/** One GET on a connection of its own; `node:http`, because `fetch` costs 23 MiB of memory. */
export function httpGet({ url, headers, ca, timeoutMs }: HttpGetOptions): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { headers, agent: false } as const;
    const request = url.startsWith('https:')
      ? httpsRequest(url, { ...options, ca })
      : httpRequest(url, options);
    const settle = (end: () => void) => {
      clearTimeout(timer);
      request.destroy();
      end();
    };
    const fail = (error: unknown) => {
      settle(() => {
        reject(failureOf(error));
      });
    };
    const timer = setTimeout(() => {
      fail(new HttpGetError('timeout', `no whole answer within ${timeoutMs} ms`));
    }, timeoutMs);
    request.on('error', fail);
    request.once('response', (response) => {
      const done = () => {
        settle(() => {
          resolve(answerOf(response));
        });
      };
      readBody(response, done, fail);
    });
    request.end();
  });
}

function readBody(response: IncomingMessage, done: () => void, fail: (error: unknown) => void): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) return;
    response.destroy();
    done();
  });
  response.once('end', () => {
    if (response.complete) done();
    else fail(new HttpGetError('cut', 'the connection was cut in the body'));
  });
  response.on('error', fail);
}

function answerOf(response: IncomingMessage): HttpAnswer {
  return {
    status: response.statusCode ?? 0,
    header: (name) => {
      const value = response.headers[name.toLowerCase()];
      return Array.isArray(value) ? value.join(', ') : value;
    },
  };
}

const causes: Readonly<Record<string, FailureCause>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'cut',
  EPIPE: 'cut',
  ETIMEDOUT: 'timeout',
};

function failureOf(error: unknown): HttpGetError {
  if (error instanceof HttpGetError) return error;
  const code = errorCode(error) ?? '';
  const cause = causes[code] ?? (isTls(code) ? 'tls' : code.startsWith('HPE_') ? 'answer' : 'unreachable');
  return new HttpGetError(cause, code === '' ? 'the request failed' : `the request failed with ${code}`);
}

function isTls(code: string): boolean {
  return /CERT|TLS|SSL|SIGNATURE|ISSUER/.test(code);
}
