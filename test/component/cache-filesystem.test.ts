import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrontTier, StorageBackend, Upstream } from '../../lib';
import filesystem from '../../stacks/clusters/filesystem';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { RenderedCache } from '../support/rendered-cache';
import { pull } from '../support/skopeo';
import { describeWithTools } from '../support/tools';

const cluster = { ...filesystem, cache: { ...filesystem.cache, frontTier: FrontTier.none() } };

describeWithTools('the registry of the example filesystem', ['registry', 'debian:skopeo'], () => {
  let hub: FakeHub;
  let image: RandomImage;
  let cache: RenderedCache;
  beforeAll(async () => {
    image = await randomImage({ layers: 3, layerBytes: 200_000, architectures: ['amd64', 'arm64'] });
    hub = await FakeHub.start();
    await hub.push(image.layout, 'library/app:1');
  });
  beforeEach(async () => {
    cache = await RenderedCache.of(cluster, { urls: { 'https://registry-1.docker.io': hub.url } });
    await cache.start();
    hub.forget();
  });
  afterEach(async () => {
    await cache.remove();
    hub.behave();
    hub.limit(Infinity);
    hub.dropConnections();
    await hub.listen().catch(() => undefined);
  });
  afterAll(async () => {
    await hub.stop();
    await image.remove();
  });

  const name = 'library/app:1';
  const through = (reference: string, options = {}) => pull(`${cache.address}/${reference}`, options);
  const get = (path: string, init?: RequestInit) => fetch(`http://${cache.address}${path}`, init);

  it('downloads an image once, whatever the architecture, and serves it again without its upstream', async () => {
    expect(await through(name, { all: true })).toMatchObject({ code: 0, digest: image.digest });
    expect(hub.counters).toMatchObject({ manifestGetsByTag: 1, manifestGetsByDigest: 2, blobGets: 8 });
    await hub.refuse();
    expect(await through(name, { all: true })).toMatchObject({ code: 0, digest: image.digest });
    expect(hub.counters.blobGets).toBe(8);
  });

  it('keeps its images over a restart, and starts while its upstream is refused', async () => {
    expect((await through(name)).code).toBe(0);
    await cache.stop();
    await hub.refuse();
    await cache.start();
    expect(await through(name)).toMatchObject({ code: 0, bytes: image.bytes });
    await hub.listen();
    expect(await through(name, { all: true })).toMatchObject({ code: 0, digest: image.digest });
  });

  it('starts while its upstream hangs, and serves what is asked by digest', async () => {
    const byDigest = `library/app@${image.manifests['amd64'] ?? ''}`;
    expect((await through(byDigest)).code).toBe(0);
    await cache.stop('SIGKILL');
    hub.misbehave('everything', { type: 'hang' });
    await cache.start();
    expect(await through(byDigest)).toMatchObject({ code: 0, bytes: image.bytes });
  });

  it('starts with nothing while its upstream is refused, and downloads once it is back', async () => {
    await cache.stop();
    await hub.refuse();
    await cache.start();
    expect((await through(name)).code).toBe(1);
    await hub.listen();
    expect(await through(name)).toMatchObject({ code: 0, bytes: image.bytes });
  });

  it.each([
    ['has spent its quota', () => (hub.quota = { limit: 100, remaining: 0 }), 429],
    ['answers 429', () => hub.misbehave('manifests', { type: 'status', status: 429 }), 429],
    ['answers 500', () => hub.misbehave('everything', { type: 'status', status: 500 }), 500],
  ])('serves a tag that it has while its upstream %s', async (_, break_, status) => {
    expect((await through(name)).code).toBe(0);
    break_();
    try {
      expect(await through(name)).toMatchObject({ code: 0, bytes: image.bytes });
      const cold = await get(`/v2/library/app/manifests/${image.manifests['arm64'] ?? ''}`, {
        headers: { accept: 'application/vnd.oci.image.manifest.v1+json' },
      });
      expect(cold.status).toBe(status);
    } finally {
      hub.quota = { limit: 100, remaining: Infinity };
    }
  });

  it('follows a tag that has moved', async () => {
    const next = await randomImage();
    try {
      await hub.push(image.layout, 'library/moves:latest');
      expect((await through('library/moves:latest', { all: true })).digest).toBe(image.digest);
      await hub.push(next.layout, 'library/moves:latest');
      expect((await through('library/moves:latest')).digest).toBe(next.digest);
    } finally {
      await next.remove();
    }
  });

  it.each(['reset', 'fin'] as const)(
    'keeps nothing of a layer that was cut by a %s, and gets it whole the next time',
    async (by) => {
      hub.misbehave('blobs', { type: 'cut', afterBytes: 100_000, by });
      expect((await through(name)).code).toBe(1);
      hub.behave();
      expect(await through(name)).toMatchObject({ code: 0, bytes: image.bytes });
      await hub.refuse();
      expect(await through(name)).toMatchObject({ code: 0, bytes: image.bytes });
    },
  );

  it('keeps nothing of a layer that it was killed in the middle of', async () => {
    const large = await randomImage({ layers: 1, layerBytes: 8_000_000 });
    try {
      await hub.push(large.layout, 'library/large:1');
      hub.limit(4_000_000);
      const cut = await get(`/v2/library/large/blobs/${large.layers[0] ?? ''}`);
      await cache.stop('SIGKILL');
      await expect(cut.arrayBuffer()).rejects.toThrow();
      hub.limit(Infinity);
      await cache.start();
      expect(await through('library/large:1')).toMatchObject({ code: 0, digest: large.digest });
    } finally {
      await large.remove();
    }
  });

  it('lets a running download arrive whole when its Pod is ended', async () => {
    const large = await randomImage({ layers: 1, layerBytes: 8_000_000 });
    try {
      await hub.push(large.layout, 'library/large:1');
      hub.limit(4_000_000);
      const answer = await get(`/v2/library/large/blobs/${large.layers[0] ?? ''}`);
      const ended = cache.stop();
      expect((await answer.arrayBuffer()).byteLength).toBe(8_000_000);
      await ended;
      await expect(get('/v2/')).rejects.toThrow('fetch failed');
    } finally {
      await large.remove();
    }
  });

  it('names its upstream in every answer below /v2/, and takes no pushes', async () => {
    const answer = async (path: string, init?: RequestInit) => {
      const { status, headers } = await get(path, init);
      return [status, headers.get('docker-cache-upstream')];
    };
    expect((await through(name)).code).toBe(0);
    expect(await answer('/v2/')).toEqual([200, 'docker.io']);
    expect(await answer(`/v2/library/app/manifests/${image.digest}`)).toEqual([200, 'docker.io']);
    expect(await answer(`/v2/library/app/blobs/${image.layers[0] ?? ''}`, { method: 'HEAD' })).toEqual([
      200,
      'docker.io',
    ]);
    expect(await answer('/v2/library/app/manifests/none')).toEqual([404, 'docker.io']);
    expect(await answer('/v2/library/app/blobs/uploads/', { method: 'POST' })).toEqual([405, 'docker.io']);
  });

  it('writes one JSON line at its start, and nothing while all is well', async () => {
    const atStart = cache.log;
    expect(JSON.parse(atStart)).toMatchObject({
      level: 'warning',
      msg: expect.stringContaining('RepositoryRemover'),
    });
    for (let n = 0; n < 2; n += 1) expect((await through(name)).code).toBe(0);
    expect(cache.log).toBe(atStart);
  });
});

describeWithTools('two upstreams on one disk', ['registry', 'debian:skopeo'], () => {
  it('serve each their own image of one name, warm and with the other one gone', async () => {
    const disk = await mkdtemp(join(tmpdir(), 'disk-'));
    const two = {
      ...cluster,
      cache: {
        ...cluster.cache,
        storage: StorageBackend.hostPath({ node: 'node-1', path: '/data/images' }),
        upstreams: [Upstream.dockerHub({ nodePort: 30500 }), Upstream.quay({ nodePort: 30501 })],
      },
      nodes: undefined,
    };
    const sides = await Promise.all(
      (['docker.io', 'quay.io'] as const).map(async (host) => {
        const [hub, image] = await Promise.all([FakeHub.start(), randomImage()]);
        await hub.push(image.layout, 'library/app:1');
        const urls = { 'https://registry-1.docker.io': hub.url, 'https://quay.io': hub.url };
        const cache = await RenderedCache.of(two, { host, urls, disk });
        await cache.start();
        return { host, hub, image, cache };
      }),
    );
    try {
      for (const { cache, image } of sides)
        expect((await pull(`${cache.address}/library/app:1`)).digest).toBe(image.digest);
      for (const { hub } of sides) await hub.refuse();
      for (const { cache, image, host } of sides) {
        expect((await pull(`${cache.address}/library/app:1`)).digest).toBe(image.digest);
        expect((await fetch(`http://${cache.address}/v2/`)).headers.get('docker-cache-upstream')).toBe(host);
      }
      expect((await readdir(join(disk, 'data/images'))).sort()).toEqual(['docker.io', 'quay.io']);
    } finally {
      for (const { cache, hub, image } of sides)
        await Promise.all([cache.remove(), hub.stop(), image.remove()]);
      await rm(disk, { recursive: true });
    }
  });
});
