import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FrontTier } from '../../lib';
import azure from '../../stacks/clusters/azure';
import azureIdentity from '../../stacks/clusters/azure-identity';
import { describeWithAzurite } from '../support/azurite';
import { CertificateAuthority } from '../support/certificates';
import { FakeAzure } from '../support/fake-azure';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { htpasswd } from '../support/htpasswd';
import { RenderedCache } from '../support/rendered-cache';
import { pull } from '../support/skopeo';

const container = 'dockerregistry';

describeWithAzurite('the registry of the example azure', ['registry', 'debian:skopeo'], () => {
  const cluster = { ...azure, cache: { ...azure.cache, frontTier: FrontTier.none() } };
  let account: FakeAzure;
  let hub: FakeHub;
  let image: RandomImage;
  let cache: RenderedCache;
  beforeAll(async () => {
    [account, hub, image] = await Promise.all([
      FakeAzure.start(),
      FakeHub.start(),
      randomImage({ layers: 2, layerBytes: 5_000_000 }),
    ]);
    await hub.push(image.layout, 'library/app:1');
    cache = await RenderedCache.of(cluster, {
      urls: { 'https://registry-1.docker.io': hub.url },
      secrets: { 'azure-storage': { accountKey: account.azurite.key } },
      env: account.networkEnv,
    });
  });
  afterEach(async () => {
    await cache.stop();
    await hub.listen().catch(() => undefined);
  });
  afterAll(async () => {
    await cache.remove();
    await Promise.all([account.stop(), hub.stop(), image.remove()]);
  });
  const through = () => pull(`${cache.address}/library/app:1`);

  it('makes the container that is missing, and keeps the image in it over a restart', async () => {
    expect(await account.azurite.listContainers()).toEqual([]);
    await cache.start();
    expect(cache.initLogs['create-container']).toContain(`made the container ${container}`);
    expect(await through()).toMatchObject({ code: 0, digest: image.digest });
    const blobs = await account.azurite.listBlobs(container);
    expect(blobs.filter((name) => !name.startsWith('docker.io/'))).toEqual([]);
    expect([...new Set(account.proxy.requests)]).toEqual(['CONNECT forexample.blob.core.windows.net:443']);

    await hub.refuse();
    expect(await through()).toMatchObject({ code: 0, digest: image.digest });
    await cache.stop();
    await cache.start();
    expect(cache.initLogs['create-container']).toContain(
      `the container ${container} of account forexample is there`,
    );
    expect(await account.azurite.listBlobs(container)).toEqual(blobs);
    expect(await through()).toMatchObject({ code: 0, digest: image.digest });
  });

  it('serves layers itself: a node needs no way to Azure', async () => {
    await cache.start();
    expect((await through()).code).toBe(0);
    const url = `http://${cache.address}/v2/library/app/blobs/${image.layers[0] ?? ''}`;
    const whole = await fetch(url, { redirect: 'manual' });
    expect([whole.status, (await whole.arrayBuffer()).byteLength]).toEqual([200, 5_000_000]);
    const part = await fetch(url, { redirect: 'manual', headers: { range: 'bytes=1000-1999' } });
    expect([part.status, (await part.arrayBuffer()).byteLength]).toEqual([206, 1000]);
  });

  it('keeps nothing of a layer that it was killed in the middle of', async () => {
    await cache.start();
    const large = await randomImage({ layers: 1, layerBytes: 8_000_000 });
    try {
      await hub.push(large.layout, 'library/large:1');
      hub.limit(4_000_000);
      const cut = await fetch(`http://${cache.address}/v2/library/large/blobs/${large.layers[0] ?? ''}`);
      await cache.stop('SIGKILL');
      await expect(cut.arrayBuffer()).rejects.toThrow();
      hub.limit(Infinity);
      await cache.start();
      const pulled = await pull(`${cache.address}/library/large:1`);
      expect(pulled).toMatchObject({ code: 0, digest: large.digest });
    } finally {
      hub.limit(Infinity);
      await large.remove();
    }
  });

  it('does not start with a wrong key, says so, and shows no key', async () => {
    const wrong = Buffer.alloc(64, 1).toString('base64');
    const other = await RenderedCache.of(cluster, {
      secrets: { 'azure-storage': { accountKey: wrong } },
      env: account.networkEnv,
    });
    const failed = await other.start().then(() => '', String);
    await other.remove();
    expect(failed).toMatch(
      /create-container ended with 1: create-container: forexample\.blob\.core\.windows\.net answered 4/,
    );
    expect(failed).not.toContain(wrong);
  });
});

describeWithAzurite(
  'the registries of the example azure-identity',
  ['registry', 'debian:skopeo', 'debian:apache2-utils'],
  () => {
    const cluster = { ...azureIdentity, cache: { ...azureIdentity.cache, frontTier: FrontTier.none() } };
    const node = { user: 'node', password: 'of the nodes' };
    const upstreams = [
      { host: 'docker.io', url: 'https://registry-1.docker.io' },
      { host: 'mcr.microsoft.com', url: 'https://mcr.microsoft.com' },
      { host: 'quay.io', url: 'https://quay.io' },
    ];
    let account: FakeAzure;
    let caFolder: string;
    let sides: { host: string; hub: FakeHub; image: RandomImage; caches: RenderedCache[] }[];
    beforeAll(async () => {
      const authority = new CertificateAuthority();
      const { cert, key } = authority.issue('127.0.0.1');
      account = await FakeAzure.start();
      caFolder = await mkdtemp(join(tmpdir(), 'authority-'));
      await writeFile(join(caFolder, 'ca.crt'), authority.cert);
      const secrets = {
        'azure-identity': { clientId: account.entra.clientId, tenantId: account.entra.tenantId },
        'docker-hub': { username: 'ann', password: 'secret' },
        'cache-users': { htpasswd: htpasswd({ node: node.password }) },
        'cache-tls': { 'tls.crt': cert, 'tls.key': key },
      };
      sides = await Promise.all(
        upstreams.map(async ({ host, url }) => {
          const hub = await FakeHub.start(
            host === 'docker.io' ? { users: { ann: 'secret' } } : { login: 'none' },
          );
          const image = await randomImage();
          await hub.push(image.layout, 'team/app:1', { private: host === 'docker.io' });
          const around = {
            host,
            secrets,
            urls: { [url]: hub.url },
            env: account.networkEnv,
            serviceAccountToken: account.entra.federatedToken,
          };
          const replicas = [RenderedCache.of(cluster, around), RenderedCache.of(cluster, around)];
          return { host, hub, image, caches: await Promise.all(replicas) };
        }),
      );
      await Promise.all(sides.flatMap(({ caches }) => caches.map((cache) => cache.start())));
    });
    afterAll(async () => {
      for (const { hub, image, caches } of sides)
        await Promise.all([hub.stop(), image.remove(), ...caches.map((cache) => cache.remove())]);
      await Promise.all([account.stop(), rm(caFolder, { recursive: true })]);
    });

    it('make the container together, as the identity', async () => {
      expect(await account.azurite.listContainers()).toEqual([container]);
      expect(account.entra.tokenRequests).toBeGreaterThan(0);
      expect([...new Set(account.proxy.requests)].sort()).toEqual([
        'CONNECT forexample.blob.core.windows.net:443',
        'CONNECT login.microsoftonline.com:443',
      ]);
    });

    it('serve each their own image of one name, and what one replica has downloaded the other one has', async () => {
      for (const { caches, image } of sides)
        expect(await pull(`${caches[0]?.address ?? ''}/team/app:1`, { caFolder, login: node })).toMatchObject(
          { code: 0, digest: image.digest },
        );
      for (const { hub } of sides) await hub.refuse();
      for (const { caches, image } of sides)
        expect(await pull(`${caches[1]?.address ?? ''}/team/app:1`, { caFolder, login: node })).toMatchObject(
          { code: 0, digest: image.digest },
        );
      const roots = (await account.azurite.listBlobs(container)).map((name) => name.split('/')[0]);
      expect([...new Set(roots)].sort()).toEqual(upstreams.map(({ host }) => host));
    });

    it('serve nobody without a login', async () => {
      for (const { caches } of sides)
        expect((await pull(`${caches[0]?.address ?? ''}/team/app:1`, { caFolder })).code).toBe(1);
    });

    it('write neither a token nor a password to their logs', () => {
      const logs = sides.flatMap(({ caches }) =>
        caches.flatMap(({ log, initLogs }) => [log, ...Object.values(initLogs)]),
      );
      for (const secret of [account.entra.federatedToken, node.password, 'secret'])
        expect(logs.join('\n')).not.toContain(secret);
    });
  },
);
