import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import type { ResolvedMirror } from '../../../lib/programs/node-agent/mirror';
import { httpGet } from '../../../lib/programs/node-agent/probe/http-get';
import {
  ImageProbe,
  questionsPerDigest,
  tagWaitMs,
} from '../../../lib/programs/node-agent/probe/image-probe';
import { loginEveryMs, MirrorProbe } from '../../../lib/programs/node-agent/probe/mirror-probe';
import { probeMirror } from '../../../lib/programs/node-agent/probe/probe-mirror';
import { CertificateAuthority } from '../../support/certificates';
import { freePort } from '../../support/process';

const servers: { close(): unknown; closeAllConnections?(): void }[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections?.();
  }
});

async function listening(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return (server.address() as AddressInfo).port;
}

async function mirror(
  listener: RequestListener,
  other: Partial<ResolvedMirror> = {},
): Promise<ResolvedMirror> {
  return mirrorAt(await listening(createServer(listener)), other);
}

function mirrorAt(port: number, other: Partial<ResolvedMirror> = {}): ResolvedMirror {
  return {
    host: 'docker.io',
    server: 'https://registry-1.docker.io',
    url: `http://127.0.0.1:${port}`,
    upstreamHeader: 'required',
    ...other,
  };
}

/** A cache of Docker Hub that answers with a status. */
function answering(status: number, upstream = 'docker.io'): RequestListener {
  return (_request, response) => {
    response.setHeader('Docker-Cache-Upstream', upstream);
    response.writeHead(status).end('{}');
  };
}

const authorization = `Basic ${Buffer.from('node:secret').toString('base64')}`;

/** A cache with a login. */
const guarded: RequestListener = (request, response) => {
  const isKnown = request.headers.authorization === authorization;
  answering(isKnown ? 200 : 401)(request, response);
};

describe('one question', () => {
  test('is answered well by a cache of the right registry', async () => {
    expect(await probeMirror(await mirror(answering(200)), false)).toEqual({ kind: 'ok' });
  });

  test('asks /v2/ without a login, on a connection of its own', async () => {
    const requests: IncomingMessage[] = [];
    const asked = await mirror(
      (request, response) => {
        requests.push(request);
        answering(200)(request, response);
      },
      { authorization },
    );
    await probeMirror(asked, false);
    await probeMirror(asked, true);
    expect(requests.map(({ url, headers }) => [url, headers.authorization, headers.connection])).toEqual([
      ['/v2/', undefined, 'close'],
      ['/v2/', authorization, 'close'],
    ]);
  });

  test.each([500, 503, 429, 404, 301])('that is answered %i is a failure', async (status) => {
    const result = await probeMirror(await mirror(answering(status)), false);
    expect(result).toMatchObject({ kind: 'failure', cause: 'answer' });
  });

  test('that names another registry is wrong', async () => {
    const asked = await mirror(answering(200, 'quay.io'), { upstreamHeader: 'optional' });
    expect(await probeMirror(asked, false)).toMatchObject({ kind: 'wrong', cause: 'upstream' });
  });

  test('that names none is a failure on a cache of our own, and good on a custom mirror', async () => {
    const listener: RequestListener = (_request, response) => response.end('{}');
    expect(await probeMirror(await mirror(listener), false)).toMatchObject({
      kind: 'failure',
      cause: 'answer',
    });
    expect(await probeMirror(await mirror(listener, { upstreamHeader: 'optional' }), false)).toEqual({
      kind: 'ok',
    });
  });

  test('that is answered by a challenge is good where a login is configured, and wrong elsewhere', async () => {
    expect(await probeMirror(await mirror(guarded, { authorization }), false)).toEqual({ kind: 'ok' });
    expect(await probeMirror(await mirror(guarded), false)).toMatchObject({
      kind: 'wrong',
      cause: 'challenge',
    });
  });

  test('with a login is good, or wrong when it is refused', async () => {
    expect(await probeMirror(await mirror(guarded, { authorization }), true)).toEqual({ kind: 'ok' });
    const old = 'Basic b2xkOm9sZA==';
    const result = await probeMirror(await mirror(guarded, { authorization: old }), true);
    expect(result).toMatchObject({ kind: 'wrong', cause: 'login' });
    expect(JSON.stringify(result)).not.toContain('b2xk');
  });

  test('to nobody is refused', async () => {
    expect(await probeMirror(mirrorAt(await freePort()), false)).toMatchObject({ cause: 'refused' });
  });

  test('whose connection is cut is a failure, before the head and in the body', async () => {
    const reset = createTcpServer((socket) => socket.once('data', () => socket.destroy()));
    expect(await probeMirror(mirrorAt(await listening(reset)), false)).toMatchObject({ cause: 'cut' });
    const half = createTcpServer((socket) => {
      socket.once('data', () =>
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 9\r\nDocker-Cache-Upstream: docker.io\r\n\r\n{'),
      );
    });
    expect(await probeMirror(mirrorAt(await listening(half)), false)).toMatchObject({ cause: 'cut' });
  });

  test('that is answered by something else than HTTP is a failure', async () => {
    const other = createTcpServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n'));
    expect(await probeMirror(mirrorAt(await listening(other)), false)).toMatchObject({ cause: 'answer' });
  });
});

describe('the time-out', () => {
  async function timesOut(url: string): Promise<void> {
    await expect(httpGet({ url, timeoutMs: 30 })).rejects.toMatchObject({ failure: 'timeout' });
  }

  test('ends a question to a server that accepts and never answers', async () => {
    const silent = createTcpServer((socket) => socket.on('error', () => undefined));
    await timesOut(`http://127.0.0.1:${await listening(silent)}/v2/`);
  });

  test('ends a question to a server that never finishes its answer', async () => {
    const drip = createServer((_request, response) => void response.write('{'));
    await timesOut(`http://127.0.0.1:${await listening(drip)}/v2/`);
  });
});

describe('https', () => {
  const authority = new CertificateAuthority();
  const { cert, key } = authority.issue('127.0.0.1');

  async function tlsMirror(other: Partial<ResolvedMirror>): Promise<ResolvedMirror> {
    const port = await listening(createTlsServer({ cert, key }, answering(200)));
    return mirrorAt(port, { url: `https://127.0.0.1:${port}`, ...other });
  }

  test('is checked against the configured authority', async () => {
    expect(await probeMirror(await tlsMirror({ ca: authority.cert }), false)).toEqual({ kind: 'ok' });
  });

  test('of an authority that nobody knows is a failure', async () => {
    expect(await probeMirror(await tlsMirror({}), false)).toMatchObject({ kind: 'failure', cause: 'tls' });
  });
});

describe('the login', () => {
  let now = 0;

  async function counted(expected: string) {
    const seen: string[] = [];
    const asked = await mirror(
      (request, response) => {
        if (request.headers.authorization !== undefined) seen.push(request.headers.authorization);
        answering(request.headers.authorization === expected ? 200 : 401)(request, response);
      },
      { authorization },
    );
    return {
      seen,
      asked,
      probe: new MirrorProbe(
        () => now,
        () => 0,
      ),
    };
  }

  test('is asked with at the start and every five minutes, because each check costs the cache 68 ms', async () => {
    const { seen, asked, probe } = await counted(authorization);
    for (let question = 0; question < 20; question += 1) {
      await probe.probe(asked, true);
      now += 30_000;
    }
    expect(seen).toHaveLength(2);
  });

  test('is asked with again after a failure', async () => {
    const { seen, asked, probe } = await counted(authorization);
    await probe.probe(asked, true);
    await probe.probe(mirrorAt(await freePort(), { authorization }), true);
    await probe.probe(asked, true);
    expect(seen).toHaveLength(2);
  });

  test('that was refused stays refused without being asked again, until it changes or some minutes have gone by', async () => {
    const { seen, asked, probe } = await counted('Basic bmV3Om5ldw==');
    for (let question = 0; question < 5; question += 1) {
      expect(await probe.probe(asked, true)).toMatchObject({ cause: 'login' });
    }
    expect(seen).toHaveLength(1);
    expect(await probe.probe({ ...asked, authorization: 'Basic bmV3Om5ldw==' }, true)).toEqual({
      kind: 'ok',
    });
    await probe.probe(asked, true);
    now += loginEveryMs;
    await probe.probe(asked, true);
    expect(seen).toHaveLength(4);
  });
});

describe('the image', () => {
  let now = 0;

  async function cacheWithImage() {
    const seen: string[] = [];
    const state = { tag: 200, digest: 200 };
    const asked = await mirror(
      ({ url = '' }, response) => {
        seen.push(url.replace('/v2/library/hello-world/manifests/', ''));
        response.setHeader('Docker-Content-Digest', 'sha256:abc');
        response.writeHead(url.endsWith('latest') ? state.tag : state.digest).end('{}');
      },
      { probeImage: 'library/hello-world' },
    );
    return {
      seen,
      state,
      asked,
      probe: new ImageProbe(
        () => now,
        () => 0.5,
      ),
    };
  }

  test('is asked for by tag once, after a random wait, and from then on by digest at every tenth question', async () => {
    const { seen, asked, probe } = await cacheWithImage();
    await probe.probe(asked, true);
    expect(seen).toEqual([]);
    now += tagWaitMs / 2;
    for (let question = 0; question <= 3 * questionsPerDigest; question += 1) await probe.probe(asked, true);
    expect(seen).toEqual(['latest', 'sha256:abc', 'sha256:abc', 'sha256:abc']);
  });

  test('is not asked for while the mirror is not in use: it delays nothing', async () => {
    const { seen, asked, probe } = await cacheWithImage();
    for (let question = 0; question < 5; question += 1) {
      now += tagWaitMs;
      expect(await probe.probe(asked, false)).toEqual({ kind: 'ok' });
    }
    expect(seen).toEqual([]);
  });

  test.each([429, 500, 404])(
    'whose tag is answered %i is no failure: it may be the upstream',
    async (status) => {
      const { seen, state, asked, probe } = await cacheWithImage();
      state.tag = status;
      await probe.probe(asked, true);
      now += tagWaitMs;
      expect(await probe.probe(asked, true)).toEqual({ kind: 'ok' });
      await probe.probe(asked, true);
      expect(seen).toEqual(['latest']);
    },
  );

  async function known() {
    const cache = await cacheWithImage();
    await cache.probe.probe(cache.asked, true);
    now += tagWaitMs;
    await cache.probe.probe(cache.asked, true);
    for (let question = 1; question < questionsPerDigest; question += 1)
      await cache.probe.probe(cache.asked, true);
    return cache;
  }

  test('whose known digest is answered 5xx is a failure, and asked for at each question until it is there', async () => {
    const { state, asked, probe } = await known();
    state.digest = 500;
    for (let question = 0; question < 3; question += 1) {
      expect(await probe.probe(asked, true)).toMatchObject({ kind: 'failure', cause: 'storage' });
    }
    state.digest = 200;
    expect(await probe.probe(asked, false)).toEqual({ kind: 'ok' });
  });

  test.each([429, 404])('whose known digest is answered %i is no failure', async (status) => {
    const { state, asked, probe } = await known();
    state.digest = status;
    expect(await probe.probe(asked, true)).toEqual({ kind: 'ok' });
  });

  test('that is not configured is never asked for', async () => {
    const { seen, asked, probe } = await cacheWithImage();
    now += tagWaitMs;
    await probe.probe(mirrorAt(Number(new URL(asked.url).port)), true);
    expect(seen).toEqual([]);
  });
});
