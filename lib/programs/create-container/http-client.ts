import {
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
  type RequestOptions,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { connect as tlsConnect } from 'node:tls';
import type { Environment } from './config';
import { connectionFailure, proxyFailure } from './connection-failure';
import { proxyFor } from './proxy';

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** Longest time of one request, from the name's look-up to the last byte (milliseconds). */
const requestTimeoutMs = 15_000;
/** Longest answer that is read (bytes): tokens and error texts are a few KiB. */
const longestBody = 256 * 1024;

const hostOf = (url: URL) => url.hostname.replace(/^\[|\]$/g, '');
const portOf = (url: URL) => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

/** Opens a connection to the URL's host through the proxy. */
function openTunnel(url: URL, proxy: URL, signal: AbortSignal): Promise<Socket> {
  const target = `${url.hostname}:${portOf(url)}`;
  const login = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const request = (proxy.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: hostOf(proxy),
    port: portOf(proxy),
    method: 'CONNECT',
    path: target,
    headers: {
      host: target,
      ...(login === ':' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(login).toString('base64')}` }),
    },
    agent: false,
    signal,
  });
  return new Promise((resolve, reject) => {
    request.on('error', (error) => {
      reject(connectionFailure(error, url, proxy));
    });
    request.on('connect', (answer, socket) => {
      if (answer.statusCode === 200) {
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(proxyFailure(answer.statusCode ?? 0, url, proxy));
    });
    request.end();
  });
}

async function readBody(answer: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of answer) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > longestBody) throw new Error(`the answer has more than ${longestBody} bytes`);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function answerOf(request: ClientRequest, body: string): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (answer) => {
      readBody(answer).then((text) => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text });
      }, reject);
    });
    request.end(body);
  });
}

/** A request that has a body says its length even where it is empty: Azure answers 411 otherwise. */
function lengthOf(method: HttpRequest['method'], body: string): Readonly<Record<string, string>> {
  const hasBody = method === 'POST' || method === 'PUT';
  return hasBody ? { 'content-length': String(Buffer.byteLength(body)) } : {};
}

/** Sends requests, each with a limit of time in all, through the proxy that the environment names. */
export function httpClient(env: Environment, timeoutMs = requestTimeoutMs): Send {
  return async ({ method, url, headers, body = '' }) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const proxy = proxyFor(url, env);
    const tunnel = proxy && (await openTunnel(url, proxy, signal));
    const host = hostOf(url);
    const servername = isIP(host) === 0 ? host : '';
    const options: RequestOptions = {
      host,
      port: portOf(url),
      path: url.pathname + url.search,
      method,
      headers: { ...headers, ...lengthOf(method, body) },
      signal,
      ...(tunnel
        ? { createConnection: () => tlsConnect({ socket: tunnel, host, servername }) }
        : { agent: false }),
    };
    const request = url.protocol === 'https:' ? httpsRequest(options) : httpRequest(options);
    try {
      return await answerOf(request, body);
    } catch (error) {
      throw connectionFailure(error, url, proxy);
    } finally {
      tunnel?.destroy();
    }
  };
}
