import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '../support/certificates';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { Throttle } from '../support/fake-hub/throttle';
import { ForwardProxy } from '../support/forward-proxy';
import { pull } from '../support/skopeo';
import { describeWithTools } from '../support/tools';

const accept = {
  accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json',
};

describeWithTools('the fake Docker Hub', ['registry', 'debian:skopeo'], () => {
  let image: RandomImage;
  let hub: FakeHub;
  beforeAll(async () => {
    image = await randomImage({ layers: 2, layerBytes: 300_000 });
    hub = await FakeHub.start({ users: { ann: 'pa:ss\\"word' } });
    await hub.push(image.layout, 'library/app:1');
    await hub.push(image.layout, 'acme/secret:1', { private: true });
  });
  beforeEach(() => hub.forget());
  afterEach(async () => {
    hub.behave();
    hub.limit(Infinity);
    hub.quota = { limit: 100, remaining: Infinity };
    await hub.listen().catch(() => undefined);
  });
  afterAll(async () => {
    await hub.stop();
    await image.remove();
  });

  const tokenFor = async (repository: string): Promise<string> => {
    const answer = await fetch(
      `${hub.url}/token?service=registry.docker.io&scope=repository:${repository}:pull`,
    );
    return ((await answer.json()) as { token: string }).token;
  };
  const get = async (path: string, method = 'GET'): Promise<Response> =>
    fetch(`${hub.url}/v2/library/app/${path}`, {
      method,
      headers: { ...accept, authorization: `Bearer ${await tokenFor('library/app')}` },
    });
  const layer = () => `blobs/${image.layers[0] ?? ''}`;

  describe('login', () => {
    it('asks for a token as Docker Hub does, on the ping and on a manifest', async () => {
      const ping = await fetch(`${hub.url}/v2/`);
      expect([ping.status, ping.headers.get('www-authenticate')]).toEqual([
        401,
        `Bearer realm="${hub.url}/token",service="registry.docker.io"`,
      ]);
      const manifest = await fetch(`${hub.url}/v2/library/app/manifests/1`);
      expect([manifest.status, manifest.headers.get('www-authenticate')]).toEqual([
        401,
        `Bearer realm="${hub.url}/token",service="registry.docker.io",scope="repository:library/app:pull"`,
      ]);
    });

    it('gives a public image to everyone, and counts what that took', async () => {
      const pulled = await pull(`${hub.address}/library/app:1`);
      expect(pulled).toMatchObject({ code: 0, digest: image.digest, bytes: image.bytes });
      expect(hub.counters).toMatchObject({
        tokens: 1,
        manifestGetsByTag: 1,
        manifestGetsByDigest: 0,
        manifestHeads: 0,
        blobGets: 3,
      });
      expect(hub.counters.bytes).toBeGreaterThan(image.bytes);
    });

    it('gives a private image only to who logs in', async () => {
      const reference = `${hub.address}/acme/secret:1`;
      const right = { user: 'ann', password: 'pa:ss\\"word' };
      expect((await pull(reference, { login: right })).code).toBe(0);
      expect((await pull(reference)).output).toContain('requested access to the resource is denied');
      expect((await pull(reference, { login: { user: 'ann', password: 'wrong' } })).output).toContain(
        'unauthorized: incorrect username or password',
      );
      expect(hub.requests.filter(({ user }) => user === 'ann').map(({ status }) => status)).toEqual([
        200, 401,
      ]);
    });

    it('does not tell a repository that does not exist from a private one', async () => {
      const token = await tokenFor('library/none');
      const answer = await fetch(`${hub.url}/v2/library/none/manifests/1`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(answer.status).toBe(401);
      expect(answer.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
      expect((await get('manifests/none')).status).toBe(404);
    });

    it('speaks Basic, or asks for no login at all, when told so', async () => {
      const basic = await FakeHub.start({ login: 'basic', users: { ann: 'secret' } });
      const open = await FakeHub.start({ login: 'none' });
      try {
        for (const each of [basic, open]) await each.push(image.layout, 'app:1', { private: true });
        expect((await pull(`${basic.address}/app:1`)).code).toBe(1);
        expect(
          (await pull(`${basic.address}/app:1`, { login: { user: 'ann', password: 'secret' } })).code,
        ).toBe(0);
        expect((await pull(`${open.address}/app:1`)).code).toBe(0);
        expect([basic.counters.tokens, open.counters.tokens]).toEqual([0, 0]);
      } finally {
        await Promise.all([basic.stop(), open.stop()]);
      }
    });
  });

  describe('https', () => {
    it('is trusted by who knows its authority, and resets a connection below TLS', async () => {
      const authority = new CertificateAuthority();
      const folder = await mkdtemp(join(tmpdir(), 'authority-'));
      await writeFile(join(folder, 'ca.crt'), authority.cert);
      const secure = await FakeHub.start({ tls: authority.issue('127.0.0.1') });
      try {
        await secure.push(image.layout, 'library/app:1');
        const reference = `${secure.address}/library/app:1`;
        expect(await pull(reference, { caFolder: folder })).toMatchObject({ code: 0, digest: image.digest });
        secure.misbehave('blobs', { type: 'cut', afterBytes: 1000, by: 'reset' });
        expect((await pull(reference, { caFolder: folder })).output).toContain('connection reset by peer');
        await writeFile(join(folder, 'ca.crt'), new CertificateAuthority().cert);
        expect((await pull(reference, { caFolder: folder })).output).toContain('unknown authority');
      } finally {
        await secure.stop();
        await rm(folder, { recursive: true });
      }
    });

    it("is reached by Docker Hub's own names through a forward proxy", async () => {
      const authority = new CertificateAuthority();
      const folder = await mkdtemp(join(tmpdir(), 'authority-'));
      await writeFile(join(folder, 'ca.crt'), authority.cert);
      const secure = await FakeHub.start({
        tls: authority.issue('registry-1.docker.io', 'auth.docker.io'),
        realm: 'https://auth.docker.io/token',
      });
      const port = Number(new URL(secure.url).port);
      const proxy = await ForwardProxy.start({
        hosts: { 'registry-1.docker.io': port, 'auth.docker.io': port },
      });
      try {
        await secure.push(image.layout, 'library/app:1');
        const reference = 'registry-1.docker.io/library/app:1';
        const pulled = await pull(reference, { caFolder: folder, proxy: proxy.url });
        expect(pulled).toMatchObject({ code: 0, digest: image.digest });
        expect(new Set(proxy.requests)).toEqual(
          new Set(['CONNECT registry-1.docker.io:443', 'CONNECT auth.docker.io:443']),
        );
        expect((await pull('quay.io/library/app:1', { proxy: proxy.url })).output).toContain('Bad Gateway');
      } finally {
        await Promise.all([secure.stop(), proxy.stop()]);
        await rm(folder, { recursive: true });
      }
    });
  });

  describe('images', () => {
    it('holds every architecture of an index', async () => {
      const both = await randomImage({ architectures: ['amd64', 'arm64'], layers: 1 });
      try {
        await hub.push(both.layout, 'library/both:1');
        const reference = `${hub.address}/library/both:1`;
        expect(await pull(reference)).toMatchObject({ code: 0, bytes: both.bytes });
        expect(await pull(reference, { all: true })).toMatchObject({ code: 0, digest: both.digest });
        expect(hub.counters).toMatchObject({ manifestGetsByTag: 2, manifestGetsByDigest: 3 });
      } finally {
        await both.remove();
      }
    });

    it('serves another image under the same tag once it was pushed', async () => {
      const next = await randomImage();
      try {
        await hub.push(image.layout, 'library/moves:latest');
        expect((await pull(`${hub.address}/library/moves:latest`)).digest).toBe(image.digest);
        await hub.push(next.layout, 'library/moves:latest');
        expect((await pull(`${hub.address}/library/moves:latest`)).digest).toBe(next.digest);
      } finally {
        await next.remove();
      }
    });

    it('serves a part of a blob, at an address that needs no token', async () => {
      const redirect = await fetch(`${hub.url}/v2/library/app/${layer()}`, {
        headers: { authorization: `Bearer ${await tokenFor('library/app')}` },
        redirect: 'manual',
      });
      expect(redirect.status).toBe(307);
      const part = await fetch(new URL(redirect.headers.get('location') ?? '', hub.url), {
        headers: { range: 'bytes=10-19' },
      });
      expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 10]);
    });
  });

  describe('limits', () => {
    it('tells how many pulls are left, counts GETs only, and then refuses them but not HEADs', async () => {
      hub.quota = { limit: 100, remaining: 1 };
      const steps = [];
      for (const method of ['HEAD', 'GET', 'GET', 'HEAD']) {
        const answer = await get('manifests/1', method);
        const { headers } = answer;
        steps.push([
          method,
          answer.status,
          headers.get('ratelimit-limit'),
          headers.get('ratelimit-remaining'),
        ]);
        if (answer.status === 429) expect(await answer.text()).toContain('"code":"TOOMANYREQUESTS"');
      }
      expect(steps).toEqual([
        ['HEAD', 200, '100;w=21600', '1;w=21600'],
        ['GET', 200, '100;w=21600', '0;w=21600'],
        ['GET', 429, '100;w=21600', '0;w=21600'],
        ['HEAD', 200, '100;w=21600', '0;w=21600'],
      ]);
    });

    it('has one line of a given width for all who download', async () => {
      hub.limit(1);
      const slow = (await get(layer())).arrayBuffer();
      await expect(Promise.race([slow, (await get(layer())).arrayBuffer(), settled()])).resolves.toBe(
        'pending',
      );
      hub.limit(Infinity);
      expect((await (await get(layer())).arrayBuffer()).byteLength).toBe(300_000);
      hub.dropConnections();
      await expect(slow).rejects.toThrow();
    });

    it('makes everybody who shares a line wait for those before', async () => {
      const sleeps: number[] = [];
      const line = new Throttle(1_000_000, {
        now: () => 0,
        sleep: async (milliseconds) => void sleeps.push(milliseconds),
      });
      for (const bytes of [100_000, 50_000, 1_000]) await line.take(bytes);
      expect(sleeps).toEqual([100, 150, 151]);
    });
  });

  describe('bad days', () => {
    it.each([
      ['tokens', 401],
      ['manifests', 500],
      ['blobs', 503],
      ['everything', 503],
    ] as const)('answers %s with %d, and well again later', async (scope, status) => {
      hub.misbehave(scope, { type: 'status', status });
      expect((await pull(`${hub.address}/library/app:1`)).code).toBe(1);
      hub.behave();
      expect((await pull(`${hub.address}/library/app:1`)).code).toBe(0);
    });

    it('answers 429 as Docker Hub does, as often as it is told', async () => {
      hub.misbehave('manifests', { type: 'status', status: 429, retryAfterSeconds: 60 }, { times: 1 });
      const answer = await get('manifests/1');
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '60']);
      expect(await answer.json()).toMatchObject({ errors: [{ code: 'TOOMANYREQUESTS' }] });
      expect((await get('manifests/1')).status).toBe(200);
    });

    it('refuses connections, and takes them again on the same port', async () => {
      await hub.refuse();
      expect((await pull(`${hub.address}/library/app:1`)).output).toContain('connection refused');
      await hub.listen();
      expect((await pull(`${hub.address}/library/app:1`)).code).toBe(0);
    });

    it('takes a request and never answers it', async () => {
      hub.misbehave('everything', { type: 'hang' });
      const pending = fetch(`${hub.url}/v2/`).then(
        () => 'answered',
        () => 'dropped',
      );
      while (hub.counters.pings === 0) await new Promise(setImmediate);
      hub.behave();
      expect((await fetch(`${hub.url}/v2/`)).status).toBe(401);
      expect(hub.requests.map(({ status }) => status)).toEqual([0, 401]);
      hub.dropConnections();
      expect(await pending).toBe('dropped');
    });

    it.each(['reset', 'fin'] as const)('cuts a body with a %s, so that the client can tell', async (by) => {
      hub.misbehave('blobs', { type: 'cut', afterBytes: 100_000, by }, { times: 1 });
      const answer = await get(layer());
      expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '300000']);
      await expect(answer.arrayBuffer()).rejects.toThrow();
      expect(hub.counters.bytes).toBe(100_000);
      expect((await (await get(layer())).arrayBuffer()).byteLength).toBe(300_000);
    });

    it('is slow towards each client for itself', async () => {
      hub.misbehave('blobs', { type: 'slow', bytesPerSecond: 1 }, { times: 1 });
      const slow = (await get(layer())).arrayBuffer();
      expect((await (await get(layer())).arrayBuffer()).byteLength).toBe(300_000);
      await expect(Promise.race([slow, settled()])).resolves.toBe('pending');
      hub.dropConnections();
      await expect(slow).rejects.toThrow();
    });
  });
});

/** What a promise that is not settled loses against in a race. */
const settled = async (): Promise<'pending'> => 'pending';
