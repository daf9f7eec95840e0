import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { eventually } from '../support/eventually';
import { FakeHub, randomImage, type RandomImage, type RandomImageOptions } from '../support/fake-hub';
import { FrontPod, type FrontPodOptions } from '../support/front-pod';
import { ask, pullImage, type Answer } from '../support/pull-client';

const MiB = 1024 ** 2;

describeWithVarnish('the store of the front tier', ['registry', 'debian:skopeo'], () => {
  let hub: FakeHub;
  let pod: FrontPod | undefined;
  const images: RandomImage[] = [];

  const publish = async (name: string, options: RandomImageOptions): Promise<RandomImage> => {
    const image = await randomImage(options);
    images.push(image);
    await hub.push(image.layout, name);
    hub.forget();
    return image;
  };
  const start = async (options: Partial<FrontPodOptions> = {}): Promise<FrontPod> =>
    (pod = await FrontPod.start({ upstream: hub.url, ...options }));
  /** Eight nodes pull the image; the errors of those who did not get it whole. */
  const herd = async ({ url }: FrontPod, repository: string): Promise<string[]> => {
    const pulls = await Promise.allSettled(Array.from({ length: 8 }, () => pullImage(url, repository, '1')));
    return pulls.flatMap((pull) => (pull.status === 'rejected' ? [String(pull.reason)] : []));
  };

  beforeAll(async () => {
    hub = await FakeHub.start();
  });
  afterEach(async () => {
    hub.behave();
    hub.limit(Infinity);
    await pod?.stop();
    pod = undefined;
  });
  afterAll(async () => {
    await hub.stop();
    for (const image of images) await image.remove();
  });

  it('that is smaller than one layer cuts nobody', async () => {
    await publish('library/large:1', { layers: 2, layerBytes: 12 * MiB });
    expect(await herd(await start({ storeBytes: 10 * MiB }), 'library/large')).toEqual([]);
  });

  it('that is smaller than all layers on their way cuts nobody', async () => {
    for (let n = 0; n < 4; n += 1) await publish(`library/many-${n}:1`, { layers: 6, layerBytes: 3 * MiB });
    const { url } = await start({ storeBytes: 24 * MiB });
    hub.limit(60 * MiB);
    const pulls = await Promise.allSettled(
      Array.from({ length: 16 }, (_, n) => pullImage(url, `library/many-${n % 4}`, '1')),
    );
    expect(pulls.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(await pod?.varnish.counter('MAIN.n_lru_nuked')).toBeGreaterThan(0);
  });

  it('downloads only so many blobs at once as it has room for, and the others too in their turn', async () => {
    const image = await publish('library/turns:1', { layers: 12, layerBytes: 2 * MiB });
    hub.limit(20 * MiB);
    const { url } = await start({ storeBytes: 14 * MiB });
    const pulled = await pullImage(url, 'library/turns', '1', { parallel: 13 });
    expect(pulled.bytes).toBe(image.bytes);
    expect(hub.counters.blobGets).toBe(13);
  });

  it('that slow readers hold gives up on keeping a blob after the second cut, and the resume is whole', async () => {
    const held = await publish('library/held:1', { layers: 6, layerBytes: 16 * MiB });
    const wanted = await publish('library/wanted:1', { layers: 1, layerBytes: 16 * MiB });
    const { url } = await start({ storeBytes: 104 * MiB });
    // Each reader holds one blob: more of it waits in the store than the kernel's buffers take.
    const readers = held.layers.map((layer) =>
      ask(`${url}/v2/library/held/blobs/${layer}`, { bytesPerSecond: 0.1 * MiB, abortAfterBytes: 0.7 * MiB }),
    );
    await eventually(() => hub.counters.bytes >= held.bytes - 2000);
    const layer = `${url}/v2/library/wanted/blobs/${wanted.layers[0] ?? ''}`;
    let answer: Answer = await ask(layer);
    const cuts: number[] = [];
    while (!answer.whole && cuts.length < 5) {
      cuts.push(answer.bytes);
      answer = await ask(layer, { headers: { range: `bytes=${answer.bytes}-` } });
    }
    expect(answer.whole).toBe(true);
    expect(cuts).toHaveLength(2);
    expect((await ask(layer)).digest).toBe(wanted.layers[0]);
    await pod?.varnish.stop('SIGKILL');
    await Promise.all(readers);
  });

  describe('keeps nothing broken', () => {
    it.each(['reset', 'fin'] as const)('of a body that the upstream ends with a %s', async (by) => {
      const image = await publish(`library/${by}:1`, { layers: 2, layerBytes: 2 * MiB });
      const front = await start();
      hub.limit(20 * MiB);
      hub.misbehave('blobs', { type: 'cut', afterBytes: MiB, by });
      const errors = await herd(front, `library/${by}`);
      expect(errors).toHaveLength(8);
      for (const error of errors) expect(error).toMatch(/cut after|answered 503/);
      hub.behave();
      // A layer whose fault was drawn before may still be on its way.
      await eventually(async () => (await herd(front, `library/${by}`)).length === 0);
      expect((await pullImage(front.url, `library/${by}`, '1')).digest).toBe(image.digest);
    });

    it.each<[string, (front: FrontPod) => Promise<void>, (front: FrontPod) => Promise<void>]>([
      ['the registry that downloads', (f) => f.downloading.stop('SIGKILL'), (f) => f.restartDownloading()],
      ['the registry that reads', (f) => f.reading.stop('SIGKILL'), (f) => f.restartReading()],
      ['Varnish', (f) => f.varnish.stop('SIGKILL'), (f) => f.restartVarnish()],
    ])('when %s is killed in the middle of a herd', async (what, kill, restart) => {
      const name = `library/${what.toLowerCase().replace(/ /g, '-')}`;
      const image = await publish(`${name}:1`, { layers: 3, layerBytes: 3 * MiB });
      const front = await start();
      hub.limit(10 * MiB);
      const pulls = herd(front, name);
      await eventually(() => hub.counters.bytes > image.bytes / 4);
      await kill(front);
      for (const error of await pulls)
        expect(error).toMatch(/cut after|answered 503|ECONNREFUSED|ECONNRESET|socket hang up/);
      await restart(front);
      hub.limit(Infinity);
      await eventually(async () => (await herd(front, name)).length === 0);
      expect((await pullImage(front.url, name, '1')).digest).toBe(image.digest);
    });

    it.each([
      ['429', { type: 'status', status: 429 }],
      ['500', { type: 'status', status: 500 }],
      ['hangs', { type: 'hang' }],
    ] as const)('when the upstream answers %s to half of a herd', async (what, fault) => {
      const name = `library/half-${what}`;
      const image = await publish(`${name}:1`, { layers: 4, layerBytes: MiB });
      const front = await start({
        edit: (vcl) => vcl.replace('Front-Patience = "30"', 'Front-Patience = "2"'),
      });
      hub.limit(8 * MiB);
      const pulls = herd(front, name);
      await eventually(() => hub.counters.bytes > image.bytes / 4);
      hub.misbehave('blobs', fault, { times: 2 });
      for (const error of await pulls) expect(error).toMatch(/cut after|answered (429|503)/);
      hub.behave();
      hub.dropConnections();
      hub.limit(Infinity);
      await eventually(async () => (await herd(front, name)).length === 0);
    });

    it('when the disk of the registries is full', async () => {
      const image = await publish('library/full:1', { layers: 2, layerBytes: 6 * MiB });
      const disk = await mkdtemp(join(tmpdir(), 'small-disk-'));
      expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]).status).toBe(0);
      try {
        const storage = join(disk, 'storage');
        await mkdir(storage);
        const ballast = join(disk, 'ballast');
        await writeFile(ballast, Buffer.alloc(6 * MiB));
        const front = await start({ storage });
        const errors = await herd(front, 'library/full');
        expect(errors.length).toBeGreaterThan(0);
        for (const error of errors) expect(error).toMatch(/cut after|answered 503/);
        await rm(ballast);
        expect(spawnSync('mount', ['-o', 'remount,size=64m', disk]).status).toBe(0);
        await eventually(async () => (await herd(front, 'library/full')).length === 0);
        expect((await pullImage(front.url, 'library/full', '1')).digest).toBe(image.digest);
        await pod?.stop();
        pod = undefined;
      } finally {
        spawnSync('umount', ['-l', disk]);
        await rm(disk, { recursive: true });
      }
    });
  });
});
