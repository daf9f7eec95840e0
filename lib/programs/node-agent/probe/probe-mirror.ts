import type { ResolvedMirror } from '../mirror';
import { httpGet, HttpGetError, type HttpAnswer } from './http-get';
import type { ProbeResult } from './probe-result';

/** Limit for one question, in milliseconds. */
export const probeTimeoutMs = 2_000;

/** Header by which a cache says whose images it serves. */
export const upstreamHeader = 'Docker-Cache-Upstream';

/** Asks a mirror for `/v2/`, without its login or with it. */
export async function probeMirror(mirror: ResolvedMirror, authenticated: boolean): Promise<ProbeResult> {
  const answer = await ask(mirror, '/v2/', authenticated);
  if ('kind' in answer) return answer;
  return (
    upstreamProblem(mirror, answer) ?? statusProblem(mirror, answer.status, authenticated) ?? { kind: 'ok' }
  );
}

/** One GET below a mirror's URL; a failure where it brings no whole answer. */
export async function ask(
  mirror: ResolvedMirror,
  path: string,
  authenticated: boolean,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpAnswer | Extract<ProbeResult, { kind: 'failure' }>> {
  const { url, ca, authorization } = mirror;
  try {
    return await httpGet({
      url: url + path,
      timeoutMs: probeTimeoutMs,
      ...(ca !== undefined && { ca }),
      headers: { ...headers, ...(authenticated && authorization !== undefined && { authorization }) },
    });
  } catch (error) {
    if (!(error instanceof HttpGetError)) throw error;
    return { kind: 'failure', cause: error.failure, detail: `${url}${path}: ${error.message}` };
  }
}

/** An answer that names another registry, or none where one must be named. */
export function upstreamProblem(
  { url, host, upstreamHeader: rule }: ResolvedMirror,
  answer: HttpAnswer,
): ProbeResult | undefined {
  const named = answer.header(upstreamHeader);
  if (named === undefined) {
    if (rule === 'optional') return undefined;
    return failed(`${url} answered ${answer.status} without ${upstreamHeader}: ${host}`);
  }
  if (named === host) return undefined;
  return {
    kind: 'wrong',
    cause: 'upstream',
    detail: `${url} serves ${JSON.stringify(named)} and not ${host}`,
  };
}

function statusProblem(
  mirror: ResolvedMirror,
  status: number,
  authenticated: boolean,
): ProbeResult | undefined {
  const { url, authorization } = mirror;
  if (status === 200) return undefined;
  if (status === 401 && authorization === undefined) {
    // A runtime answers a challenge with whatever login it has for the registry itself.
    return { kind: 'wrong', cause: 'challenge', detail: `${url} asks for a login, and none is configured` };
  }
  if (status === 401 && !authenticated) return undefined;
  if ((status === 401 || status === 403) && authenticated) {
    return { kind: 'wrong', cause: 'login', detail: `${url} refused the login (${status})` };
  }
  return failed(`${url}/v2/ answered ${status}`);
}

function failed(detail: string): ProbeResult {
  return { kind: 'failure', cause: 'answer', detail };
}
