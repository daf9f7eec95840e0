import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { ask, pullImage } from '../support/pull-client';
import { eventually } from '../support/eventually';

const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
const ociIndex = 'application/vnd.oci.image.index.v1+json';

describeWithVarnish('the front tier before two real registries', ['registry', 'debian:skopeo'], () => {
  let hub: FakeHub;
  let pod: FrontPod;
  const images: RandomImage[] = [];

  /** A new image on the upstream, that no cache has seen. */
  const publish = async (
    name: string,
    options: Parameters<typeof randomImage>[0] = {},
  ): Promise<RandomImage> => {
    const image = await randomImage(options);
    images.push(image);
    await hub.push(image.layout, name);
    hub.forget();
    return image;
  };

  beforeAll(async () => {
    hub = await FakeHub.start();
    pod = await FrontPod.start({ upstream: hub.url, tagFreshnessSeconds: 1 });
  });
  beforeEach(() => hub.limit(Infinity));
  afterEach(() => hub.behave());
  afterAll(async () => {
    await pod.stop();
    await hub.stop();
    for (const image of images) await image.remove();
  });

  describe('a cold herd', () => {
    /** One download: a manifest, and each blob once. */
    const once = { manifestGetsByTag: 1, manifestGetsByDigest: 0, manifestHeads: 1 };

    it('of 16 nodes costs the upstream one download', async () => {
      const image = await publish('library/herd:1', { layers: 4, layerBytes: 2_000_000 });
      hub.limit(40_000_000);
      const pulled = await Promise.all(
        Array.from({ length: 16 }, () => pullImage(pod.url, 'library/herd', '1')),
      );
      expect(pulled.map(({ digest, bytes }) => [digest, bytes])).toEqual(
        pulled.map(() => [image.digest, image.bytes]),
      );
      expect(hub.counters).toMatchObject({ ...once, blobGets: 5 });
      expect(hub.counters.bytes).toBeLessThan(image.bytes + 10_000);
    });

    it('costs one download too when each node comes a little later than the one before', async () => {
      const image = await publish('library/late:1', { layers: 3, layerBytes: 2_000_000 });
      hub.limit(10_000_000);
      const pulls = [pullImage(pod.url, 'library/late', '1')];
      for (let n = 1; n < 8; n += 1) {
        // The next one comes when another tenth of the image has passed.
        await eventually(() => hub.counters.bytes >= (image.bytes * n) / 10);
        pulls.push(pullImage(pod.url, 'library/late', '1'));
      }
      await Promise.all(pulls);
      expect(hub.counters).toMatchObject({ manifestGetsByTag: 1, manifestGetsByDigest: 0, blobGets: 4 });
    });

    it('costs one download when the first node goes away in the middle', async () => {
      const image = await publish('library/abort:1', { layers: 1, layerBytes: 4_000_000 });
      hub.limit(8_000_000);
      const layer = `${pod.url}/v2/library/abort/blobs/${image.layers[0] ?? ''}`;
      const first = await ask(layer, { abortAfterBytes: 500_000 });
      expect(first.whole).toBe(false);
      const others = await Promise.all(Array.from({ length: 4 }, () => ask(layer)));
      expect(others.map(({ digest }) => digest)).toEqual(others.map(() => image.layers[0]));
      expect(hub.counters.blobGets).toBe(1);
    });

    it('is not held up by a first node that reads slowly', async () => {
      const image = await publish('library/slow:1', { layers: 1, layerBytes: 12_000_000 });
      const layer = `${pod.url}/v2/library/slow/blobs/${image.layers[0] ?? ''}`;
      const slow = ask(layer, { bytesPerSecond: 6_000_000 });
      await eventually(() => hub.counters.blobGets === 1);
      const order: string[] = [];
      await Promise.all([
        slow.then(() => order.push('slow')),
        ...Array.from({ length: 4 }, () => ask(layer).then(() => order.push('quick'))),
      ]);
      expect(order).toEqual(['quick', 'quick', 'quick', 'quick', 'slow']);
      expect((await slow).digest).toBe(image.layers[0]);
      expect(hub.counters.blobGets).toBe(1);
    });

    it('for a tag that does not exist asks the upstream once', async () => {
      await publish('library/none:1');
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => ask(`${pod.url}/v2/library/none/manifests/absent`)),
      );
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 404));
      expect(hub.counters.manifestHeads).toBe(1);
    });
  });

  describe('a tag', () => {
    it('is asked upstream again when it is older than its freshness, and not before', async () => {
      await publish('library/tag:1');
      const tag = `${pod.url}/v2/library/tag/manifests/1`;
      for (let n = 0; n < 5; n += 1) expect((await ask(tag)).status).toBe(200);
      expect(hub.counters.manifestHeads).toBe(1);
      const moved = await randomImage();
      images.push(moved);
      await hub.push(moved.layout, 'library/tag:1');
      await eventually(async () => (await ask(tag)).digest === moved.digest);
      expect(hub.counters.manifestHeads).toBe(2);
    });

    it('is kept for each Accept by itself, because the registry may answer each in another way', async () => {
      const image = await publish('library/multi:1', { architectures: ['amd64', 'arm64'] });
      const tag = `${pod.url}/v2/library/multi/manifests/1`;
      for (const accept of [ociManifest, ociIndex, ociManifest, ociIndex]) {
        const own = await ask(`http://${pod.downloading.address}/v2/library/multi/manifests/1`, {
          headers: { accept },
        });
        const ours = await ask(tag, { headers: { accept } });
        expect([ours.status, ours.digest]).toEqual([own.status, own.digest]);
      }
      // Four questions of the registry alone, and one for each Accept through the front.
      expect(hub.counters.manifestHeads).toBe(6);
      expect((await pullImage(pod.url, 'library/multi', '1', { architecture: 'arm64' })).digest).toBe(
        image.digest,
      );
    });

    it('keeps its Accept when a client names that header in Connection', async () => {
      const image = await publish('library/hop:1', { architectures: ['amd64', 'arm64'] });
      const tag = `${pod.url}/v2/library/hop/manifests/1`;
      await ask(tag, { headers: { accept: ociIndex, connection: 'accept, close' } });
      expect((await ask(tag, { headers: { accept: ociIndex } })).digest).toBe(image.digest);
    });

    it('of one upstream never answers for another', async () => {
      const mine = await publish('library/same:1');
      const otherHub = await FakeHub.start();
      const theirs = await randomImage();
      images.push(theirs);
      await otherHub.push(theirs.layout, 'library/same:1');
      const other = await FrontPod.start({ host: 'quay.io', upstream: otherHub.url });
      try {
        for (const [cache, host, image] of [
          [pod, 'docker.io', mine],
          [other, 'quay.io', theirs],
        ] as const) {
          const answer = await ask(`${cache.url}/v2/library/same/manifests/1?ns=docker.io`);
          expect([answer.digest, answer.headers['docker-cache-upstream']]).toEqual([image.digest, host]);
        }
      } finally {
        await other.stop();
        await otherHub.stop();
      }
    });
  });

  describe('an answer', () => {
    let image: RandomImage;
    let layer: string;
    beforeAll(async () => {
      image = await publish('library/answer:1', { layers: 1, layerBytes: 100_000 });
      layer = `/v2/library/answer/blobs/${image.layers[0] ?? ''}`;
      await pullImage(pod.url, 'library/answer', '1');
    });

    it.each([
      ['GET', '/v2/', 200],
      ['GET', '/v2', 200],
      ['GET', '/v2/library/answer/manifests/1', 200],
      ['HEAD', '/v2/library/answer/manifests/1', 200],
      ['GET', '/v2/library/answer/manifests/absent', 404],
      ['GET', '/v2/library/absent/manifests/1', 404],
      ['GET', '/v2/library/answer/tags/list', 200],
      ['POST', '/v2/library/answer/blobs/uploads/', 405],
      ['PUT', '/v2/library/answer/manifests/1', 405],
      ['DELETE', '/v2/library/answer/manifests/1', 405],
      ['PURGE', '/v2/library/answer/manifests/1', 405],
    ])('to %s %s is %i and names the upstream', async (method, path, status) => {
      const answer = await ask(`${pod.url}${path}`, { method });
      expect([answer.status, answer.headers['docker-cache-upstream']]).toEqual([status, 'docker.io']);
    });

    it('below nothing of the registry does not name it', async () => {
      for (const [path, status] of [
        ['/', 200],
        ['/alive', 200],
        ['/metrics', 404],
        ['/v2x', 404],
      ] as const) {
        const answer = await ask(`${pod.url}${path}`);
        expect([path, answer.status, answer.headers['docker-cache-upstream']]).toEqual([
          path,
          status,
          undefined,
        ]);
      }
    });

    it('with a digest has the type, the digest and the length that the registry gave', async () => {
      const own = `http://${pod.downloading.address}`;
      for (const path of [
        layer,
        '/v2/library/answer/manifests/1',
        `/v2/library/answer/manifests/${image.digest}`,
      ])
        for (const method of ['GET', 'HEAD']) {
          const [theirs, ours] = [
            await ask(`${own}${path}`, { method }),
            await ask(`${pod.url}${path}`, { method }),
          ];
          for (const name of [
            'content-type',
            'content-length',
            'docker-content-digest',
            'docker-distribution-api-version',
          ])
            expect([path, method, name, ours.headers[name]]).toEqual([
              path,
              method,
              name,
              theirs.headers[name],
            ]);
          expect(ours.digest).toBe(theirs.digest);
        }
    });

    it('to a range is that part', async () => {
      const whole = await readFile(
        join(image.layout, 'blobs/sha256', (image.layers[0] ?? '').slice('sha256:'.length)),
      );
      for (const [range, from, to] of [
        ['bytes=1000-1999', 1000, 2000],
        ['bytes=99990-', 99_990, 100_000],
        ['bytes=-10', 99_990, 100_000],
      ] as const) {
        const answer = await ask(`${pod.url}${layer}`, { headers: { range }, keepBody: true });
        expect([answer.status, answer.headers['content-range']]).toEqual([
          206,
          `bytes ${from}-${to - 1}/100000`,
        ]);
        expect(answer.body.equals(whole.subarray(from, to))).toBe(true);
      }
      expect((await ask(`${pod.url}${layer}`, { headers: { range: 'bytes=200000-' } })).status).toBe(416);
    });

    it('is whole and the same whatever condition, cookie or query the client adds', async () => {
      hub.forget();
      const answer = await ask(`${pod.url}${layer}?ns=docker.io`, {
        headers: { 'if-none-match': `"${image.layers[0] ?? ''}"`, cookie: 'a=b', 'accept-encoding': 'gzip' },
      });
      expect([answer.status, answer.digest]).toEqual([200, image.layers[0]]);
      expect(answer.headers['content-encoding']).toBeUndefined();
      expect(hub.requests).toEqual([]);
    });
  });

  it.each([
    ['blobs', 429, 429],
    ['blobs', 500, 503],
    ['manifests', 429, 429],
    ['manifests', 500, 503],
    ['tokens', 500, 503],
  ] as const)(
    'keeps nothing of an upstream whose %s fail with %i: it answers %i, and then the image',
    async (scope, status, answered) => {
      const name = `library/${scope}-${status}`;
      const image = await publish(`${name}:1`, { layers: 1 });
      const path = scope === 'blobs' ? `blobs/${image.layers[0] ?? ''}` : 'manifests/1';
      hub.misbehave(scope, { type: 'status', status });
      const refused = await ask(`${pod.url}/v2/${name}/${path}`, { keepBody: true });
      expect(refused.status).toBe(answered);
      expect(JSON.parse(refused.body.toString())).toMatchObject({
        errors: [{ code: answered === 429 ? 'TOOMANYREQUESTS' : 'UNAVAILABLE' }],
      });
      hub.behave();
      await eventually(async () => (await ask(`${pod.url}/v2/${name}/${path}`)).status === 200);
      expect((await pullImage(pod.url, name, '1')).digest).toBe(image.digest);
    },
  );
});
