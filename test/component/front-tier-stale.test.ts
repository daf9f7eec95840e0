import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { eventually } from '../support/eventually';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { ask, pullImage, type Answer } from '../support/pull-client';

describeWithVarnish('the front tier on a bad day', ['registry', 'debian:skopeo'], () => {
  const tagFreshnessSeconds = 0.3;
  const upstreamTimeoutSeconds = 2;
  let hub: FakeHub;
  let pod: FrontPod;
  let image: RandomImage;
  let moved: RandomImage;

  const manifest = (reference: string) => `${pod.url}/v2/library/app/manifests/${reference}`;
  const layer = () => `${pod.url}/v2/library/app/blobs/${image.layers[0] ?? ''}`;
  const herd = (url: string, timeoutMs: number): Promise<Answer[]> =>
    Promise.all(Array.from({ length: 32 }, () => ask(url, { timeoutMs })));
  const digests = (answers: readonly Answer[]) =>
    new Set(answers.map(({ status, digest }) => `${status} ${digest}`));
  /** Lets time pass until the front's answer for a tag is too old to be given without a question. */
  const outlive = () => delay(tagFreshnessSeconds * 1000 + 50);

  beforeAll(async () => {
    image = await randomImage();
    moved = await randomImage();
    hub = await FakeHub.start();
  });
  beforeEach(async () => {
    for (const tag of ['1', '2', '3']) await hub.push(image.layout, `library/app:${tag}`);
    pod = await FrontPod.start({ upstream: hub.url, tagFreshnessSeconds, upstreamTimeoutSeconds });
    for (const tag of ['1', '2', '3']) await pullImage(pod.url, 'library/app', tag);
  });
  afterEach(async () => {
    hub.behave();
    hub.dropConnections();
    await hub.listen().catch(() => undefined);
    await pod.stop();
  });
  afterAll(async () => {
    await hub.stop();
    await image.remove();
    await moved.remove();
  });

  it('serves warm tags while the upstream hangs: the first herd in time, the next ones at once', async () => {
    await outlive();
    hub.misbehave('everything', { type: 'hang' });
    const known = new Set([`200 ${image.digest}`]);
    // A herd that queued would take its time-out 32 times.
    expect(digests(await herd(manifest('1'), upstreamTimeoutSeconds * 2000))).toEqual(known);
    // Less than the upstream's time-out: nobody waits for it any more, for no tag.
    // Not even the registry that reads is asked first: this is the answer from before the trouble.
    for (const tag of ['2', '3'])
      expect(Number((await ask(manifest(tag))).headers['age'])).toBeGreaterThanOrEqual(
        upstreamTimeoutSeconds,
      );
    for (const tag of ['2', '3', '1'])
      expect(digests(await herd(manifest(tag), upstreamTimeoutSeconds * 900))).toEqual(known);
    expect((await ask(layer())).digest).toBe(image.layers[0]);
    expect((await ask(manifest(image.digest))).digest).toBe(image.digest);
  });

  it('answers the moved tag when the upstream is well again, without a restart', async () => {
    await outlive();
    hub.misbehave('everything', { type: 'hang' });
    await herd(manifest('1'), upstreamTimeoutSeconds * 2000);
    await hub.push(moved.layout, 'library/app:1');
    hub.behave();
    hub.dropConnections();
    await eventually(async () => (await ask(manifest('1'))).digest === moved.digest);
  });

  it.each([429, 500, 503] as const)('serves what is warm while the upstream answers %i', async (status) => {
    await outlive();
    hub.misbehave('everything', { type: 'status', status });
    expect(digests(await herd(manifest('1'), 5000))).toEqual(new Set([`200 ${image.digest}`]));
    expect((await pullImage(pod.url, 'library/app', '2')).digest).toBe(image.digest);
  });

  it('serves what is warm while the upstream refuses connections', async () => {
    await outlive();
    await hub.refuse();
    expect(digests(await herd(manifest('1'), 5000))).toEqual(new Set([`200 ${image.digest}`]));
    expect((await pullImage(pod.url, 'library/app', '2')).digest).toBe(image.digest);
  });

  it.each([
    ['killed', (each: FrontPod) => each.downloading.stop('SIGKILL')],
    ['frozen', (each: FrontPod) => Promise.resolve(each.downloading.pause())],
  ])(
    'serves what is warm while the registry that downloads is %s, and is fresh when it is back',
    async (_, harm) => {
      await outlive();
      await harm(pod);
      const known = new Set([`200 ${image.digest}`]);
      expect(digests(await herd(manifest('1'), upstreamTimeoutSeconds * 2000))).toEqual(known);
      expect(digests(await herd(manifest('2'), upstreamTimeoutSeconds * 900))).toEqual(known);
      expect((await ask(layer())).digest).toBe(image.layers[0]);
      await hub.push(moved.layout, 'library/app:1');
      pod.downloading.resume();
      await pod.downloading.stop('SIGKILL');
      await pod.restartDownloading();
      await eventually(async () => (await ask(manifest('1'))).digest === moved.digest);
    },
  );

  it('serves blobs from the storage, which it has not kept itself, while the registry that downloads is killed', async () => {
    await pod.varnish.stop('SIGKILL');
    await pod.restartVarnish();
    await pod.downloading.stop('SIGKILL');
    expect((await pullImage(pod.url, 'library/app', '1')).digest).toBe(image.digest);
  });

  it('serves warm tags while the registry that reads is killed, and says that it is not ready', async () => {
    await pod.reading.stop('SIGKILL');
    expect((await pullImage(pod.url, 'library/app', '1')).digest).toBe(image.digest);
    await eventually(async () => (await ask(`${pod.url}/`)).status === 503);
    expect((await ask(`${pod.url}/alive`)).status).toBe(200);
    await pod.restartReading();
    await eventually(async () => (await ask(`${pod.url}/`)).status === 200);
  });

  it('serves what it has kept itself while both registries are killed', async () => {
    await outlive();
    await pod.downloading.stop('SIGKILL');
    await pod.reading.stop('SIGKILL');
    expect(digests(await herd(manifest('1'), 5000))).toEqual(new Set([`200 ${image.digest}`]));
    expect((await pullImage(pod.url, 'library/app', '1')).digest).toBe(image.digest);
    const cold = await ask(manifest('cold'), { keepBody: true });
    expect([cold.status, cold.headers['docker-cache-upstream']]).toEqual([503, undefined]);
  });

  describe('for a tag that it has never seen', () => {
    const error = async (tag: string) => {
      const { status, body } = await ask(manifest(tag), { keepBody: true });
      const [first] = (JSON.parse(body.toString()) as { errors: { code: string; message: string }[] }).errors;
      return { status, ...first };
    };

    it('says 429 with the reason when the quota is spent', async () => {
      await hub.push(moved.layout, 'library/app:cold');
      hub.quota = { limit: 100, remaining: 0 };
      expect(await error('cold')).toEqual({
        status: 429,
        code: 'TOOMANYREQUESTS',
        message: 'docker.io answered 429 to this cache, which does not have this image',
      });
      hub.quota = { limit: 100, remaining: Infinity };
    });

    it('says 503 with the reason when the upstream fails or refuses', async () => {
      const unavailable = {
        status: 503,
        code: 'UNAVAILABLE',
        message: 'docker.io gives no answer to this cache, which does not have this image',
      };
      hub.misbehave('everything', { type: 'status', status: 500 });
      expect(await error('cold')).toEqual(unavailable);
      hub.behave();
      await hub.refuse();
      expect(await error('cold')).toEqual(unavailable);
    });

    it('waits longer for a hanging upstream than for a warm tag, and says 503 then', async () => {
      hub.misbehave('everything', { type: 'hang' });
      const answers = await Promise.all([error('cold'), error('cold')]);
      expect(answers.map(({ status }) => status)).toEqual([503, 503]);
    });

    it('pulls it from an upstream that is slow to answer', async () => {
      await hub.push(moved.layout, 'library/app:slow');
      hub.misbehave('tokens', { type: 'hang' }, { times: 1 });
      const asked = ask(manifest('slow'), { timeoutMs: 30_000 });
      // The first try has been given up; the token that it waits for never comes.
      await eventually(() => hub.counters.tokens >= 2);
      expect((await asked).digest).toBe(moved.digest);
    });

    it('says 404 where the upstream does, and for what is not for it', async () => {
      await hub.push(image.layout, 'acme/private:1', { private: true });
      expect(await error('absent')).toMatchObject({ status: 404, code: 'MANIFEST_UNKNOWN' });
      const denied = await ask(`${pod.url}/v2/acme/private/manifests/1`);
      expect([denied.status, denied.headers['www-authenticate']]).toEqual([404, undefined]);
    });
  });
});
