import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { eventually } from '../support/eventually';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { freePort } from '../support/process';
import { ask, pullImage } from '../support/pull-client';

describeWithVarnish('three replicas on one storage', ['registry', 'debian:skopeo'], () => {
  let hub: FakeHub;
  let storage: string;
  let pods: FrontPod[];
  const images: RandomImage[] = [];
  const herd = (repository: string, alive: readonly FrontPod[] = pods) =>
    Promise.all(
      Array.from({ length: 12 }, (_, n) =>
        pullImage((alive[n % alive.length] ?? pods[0])!.url, repository, '1'),
      ),
    );
  /** How the last two probes of each peer went, as one of them sees it: a bit each, the last one the lowest. */
  const probes = async ({ varnish }: FrontPod): Promise<bigint[]> => {
    const text = await varnish.tool('varnishstat', '-1', '-f', 'VBE.*.peer_*.happy');
    return text
      .trim()
      .split('\n')
      .map((line) => BigInt(line.split(/\s+/)[1] ?? '0') & 3n);
  };
  const publish = async (name: string): Promise<RandomImage> => {
    const image = await randomImage({ layers: 6, layerBytes: 1_000_000 });
    images.push(image);
    await hub.push(image.layout, name);
    hub.forget();
    return image;
  };

  beforeAll(async () => {
    hub = await FakeHub.start();
    storage = await mkdtemp(join(tmpdir(), 'shared-storage-'));
    const fronts = [];
    for (const n of [0, 1, 2])
      fronts.push({ identity: `cache-${n}`, host: '127.0.0.1', port: await freePort() });
    pods = [];
    for (const { identity } of fronts)
      pods.push(
        await FrontPod.start({
          upstream: hub.url,
          storage,
          tagFreshnessSeconds: 60,
          peering: { fronts, identity },
        }),
      );
    // Each has to see that the others are well.
    await eventually(async () => (await Promise.all(pods.map(probes))).flat().every((bits) => bits === 3n));
  });
  beforeEach(() => hub.limit(20_000_000));
  afterAll(async () => {
    for (const pod of pods) await pod.stop();
    await hub.stop();
    for (const image of images) await image.remove();
    await rm(storage, { recursive: true });
  });

  it('cost the upstream one download', async () => {
    const image = await publish('library/shared:1');
    const pulled = await herd('library/shared');
    expect(new Set(pulled.map(({ digest, bytes }) => `${digest} ${bytes}`))).toEqual(
      new Set([`${image.digest} ${image.bytes}`]),
    );
    expect(hub.counters).toMatchObject({ manifestGetsByTag: 1, manifestHeads: 1, blobGets: 7 });
    expect(hub.counters.bytes).toBeLessThan(image.bytes + 10_000);
  });

  it('answer ranges and 404 through one another', async () => {
    const image = await publish('library/range:1');
    for (const { url } of pods) {
      const part = await ask(`${url}/v2/library/range/blobs/${image.layers[0] ?? ''}`, {
        headers: { range: 'bytes=10-19' },
      });
      expect([part.status, part.bytes]).toEqual([206, 10]);
      expect((await ask(`${url}/v2/library/range/manifests/absent`)).status).toBe(404);
    }
  });

  it('do without one another where no peer can be reached', async () => {
    const nobody = [0, 1].map((n) => ({ identity: `cache-${n}`, host: '127.0.0.1', port: 1 + n }));
    const lonely = await FrontPod.start({
      upstream: hub.url,
      peering: { fronts: nobody, identity: 'cache-2' },
    });
    try {
      await publish('library/lonely:1');
      await herd('library/lonely', [lonely]);
      expect(hub.counters).toMatchObject({ manifestGetsByTag: 1, blobGets: 7 });
    } finally {
      await lonely.stop();
    }
  });

  it('go on when one of them is dead, and still cost one download', async () => {
    const [dead, ...alive] = pods;
    await dead!.varnish.stop('SIGKILL');
    await publish('library/two:1');
    // At once, when nobody knows yet: what the dead one owned is fetched by those who are asked.
    await herd('library/two', alive);
    await eventually(async () => (await Promise.all(alive.map(probes))).every(([first]) => first === 0n));
    await publish('library/known:1');
    await herd('library/known', alive);
    expect(hub.counters).toMatchObject({ manifestGetsByTag: 1, blobGets: 7 });
    await dead!.restartVarnish();
  });
});
