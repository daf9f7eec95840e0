import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals';
import { Access, AuthSecret, FrontTier, StorageBackend, Upstream } from '../../lib';
import { CertificateAuthority } from '../support/certificates';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { ForwardProxy } from '../support/forward-proxy';
import { RenderedCache } from '../support/rendered-cache';
import { pull } from '../support/skopeo';
import { describeWithTools } from '../support/tools';

const clusterOf = (upstream: Upstream) => ({
  name: 'upstream',
  cache: {
    upstreams: [upstream],
    storage: StorageBackend.hostPath({ node: 'node-1' }),
    access: Access.open({ exposesPrivateImages: true }),
    frontTier: FrontTier.none(),
  },
});

describeWithTools('a registry before an upstream', ['registry', 'debian:skopeo'], () => {
  let image: RandomImage;
  const ends: (() => Promise<void>)[] = [];
  beforeAll(async () => {
    image = await randomImage();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => image.remove());

  const hubWith = async (...[options]: Parameters<typeof FakeHub.start>): Promise<FakeHub> => {
    const hub = await FakeHub.start(options);
    ends.push(() => hub.stop());
    return hub;
  };
  const cacheOf = async (...parameters: Parameters<typeof RenderedCache.of>): Promise<RenderedCache> => {
    const cache = await RenderedCache.of(...parameters);
    ends.push(() => cache.remove());
    await cache.start();
    return cache;
  };
  const proxyTo = async (hosts: Readonly<Record<string, number>>): Promise<ForwardProxy> => {
    const proxy = await ForwardProxy.start({ hosts });
    ends.push(() => proxy.stop());
    return proxy;
  };

  describe('with a login', () => {
    const cluster = clusterOf(Upstream.dockerHub({ credentials: AuthSecret.login('docker-hub') }));
    const password = ` a"b\\c\\"d e'f$g\`h%s ü `;
    const secrets = { 'docker-hub': { username: 'ann', password } };
    const urls = ({ url }: FakeHub) => ({ 'https://registry-1.docker.io': url });

    it.each(['bearer', 'basic'] as const)('downloads a private image with %s', async (login) => {
      const hub = await hubWith({ login, users: { ann: password } });
      await hub.push(image.layout, 'acme/secret:1', { private: true });
      const cache = await cacheOf(cluster, { secrets, urls: urls(hub) });
      expect(await pull(`${cache.address}/acme/secret:1`)).toMatchObject({ code: 0, digest: image.digest });
      expect(hub.requests.filter(({ user }) => user === 'ann').length).toBeGreaterThan(0);
      expect(cache.log).not.toContain('a"b');
    });

    it('reads a Secret that an editor has ended with a line break', async () => {
      const hub = await hubWith({ users: { ann: 'secret' } });
      await hub.push(image.layout, 'acme/secret:1', { private: true });
      const cache = await cacheOf(cluster, {
        secrets: { 'docker-hub': { username: 'ann\n', password: 'secret\r\n' } },
        urls: urls(hub),
      });
      expect((await pull(`${cache.address}/acme/secret:1`)).code).toBe(0);
    });

    it('downloads nothing with a wrong one, and goes on serving what it has', async () => {
      const hub = await hubWith({ users: { ann: password } });
      for (const name of ['acme/secret:1', 'acme/secret:2'])
        await hub.push(image.layout, name, { private: true });
      const around = { secrets, urls: urls(hub) };
      const cache = await cacheOf(cluster, around);
      expect((await pull(`${cache.address}/acme/secret:1`)).code).toBe(0);
      await cache.stop();
      await cache.rotate('docker-hub', { username: 'ann', password: 'expired' });
      await cache.start();
      expect((await pull(`${cache.address}/acme/secret:1`)).code).toBe(0);
      expect((await pull(`${cache.address}/acme/secret:2`)).code).toBe(1);
      expect(cache.log).not.toContain('expired');
    });

    it('starts while its upstream is refused and while it hangs, and logs in once it answers', async () => {
      const hub = await hubWith({ users: { ann: password } });
      await hub.push(image.layout, 'acme/secret:1', { private: true });
      await hub.refuse();
      const cache = await cacheOf(cluster, { secrets, urls: urls(hub) });
      await cache.stop();
      await hub.listen();
      hub.misbehave('everything', { type: 'hang' });
      await cache.start();
      hub.behave();
      expect(await pull(`${cache.address}/acme/secret:1`)).toMatchObject({ code: 0, digest: image.digest });
    });
  });

  describe('behind an HTTP proxy and a private authority', () => {
    const authority = new CertificateAuthority();
    const dockerHub = async () => {
      const hub = await hubWith({
        tls: authority.issue('registry-1.docker.io', 'auth.docker.io', 'production.cloudflare.docker.com'),
        realm: 'https://auth.docker.io/token',
        blobUrl: 'https://production.cloudflare.docker.com',
      });
      await hub.push(image.layout, 'library/app:1');
      const port = Number(new URL(hub.url).port);
      const proxy = await proxyTo({
        'registry-1.docker.io': port,
        'auth.docker.io': port,
        'production.cloudflare.docker.com': port,
      });
      const cluster = clusterOf(
        Upstream.dockerHub({ proxy: { httpsProxy: proxy.url }, ca: AuthSecret.ca('corporate') }),
      );
      return { hub, proxy, cluster };
    };
    const secretsOf = ({ cert }: CertificateAuthority) => ({ corporate: { 'ca.crt': cert } });

    it("downloads under Docker Hub's own names, through the proxy only", async () => {
      const { hub, proxy, cluster } = await dockerHub();
      const cache = await cacheOf(cluster, { secrets: secretsOf(authority) });
      expect(await pull(`${cache.address}/library/app:1`)).toMatchObject({ code: 0, digest: image.digest });
      expect([...new Set(proxy.requests)].sort()).toEqual([
        'CONNECT auth.docker.io:443',
        'CONNECT production.cloudflare.docker.com:443',
        'CONNECT registry-1.docker.io:443',
      ]);
      await hub.refuse();
      expect(await pull(`${cache.address}/library/app:1`)).toMatchObject({ code: 0, digest: image.digest });
    });

    it('downloads nothing from who has a certificate of another authority', async () => {
      const { hub, cluster } = await dockerHub();
      const cache = await cacheOf(cluster, { secrets: secretsOf(new CertificateAuthority()) });
      expect((await pull(`${cache.address}/library/app:1`)).code).toBe(1);
      expect((await pull(`${cache.address}/library/app@${image.digest}`)).code).toBe(1);
      expect(cache.log).toContain('certificate signed by unknown authority');
      expect(hub.requests).toEqual([]);
    });

    it('reaches an upstream without TLS through the proxy too', async () => {
      const hub = await hubWith();
      await hub.push(image.layout, 'team/app:1');
      const proxy = await proxyTo({ 'registry.corp': Number(new URL(hub.url).port) });
      const upstream = Upstream.registry({
        host: 'registry.corp:5000',
        url: 'http://registry.corp:5000',
        proxy: { httpsProxy: proxy.url },
      });
      const cache = await cacheOf(clusterOf(upstream), { host: upstream.host });
      expect(await pull(`${cache.address}/team/app:1`)).toMatchObject({ code: 0, digest: image.digest });
      expect(proxy.requests).toContain('GET http://registry.corp:5000/v2/');
      const { headers } = await fetch(`http://${cache.address}/v2/`);
      expect(headers.get('docker-cache-upstream')).toBe('registry.corp:5000');
    });
  });
});
