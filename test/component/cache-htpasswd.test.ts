import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get as getTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Access, AuthSecret, FrontTier, StorageBackend } from '../../lib';
import { CertificateAuthority } from '../support/certificates';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { htpasswd } from '../support/htpasswd';
import { RenderedCache } from '../support/rendered-cache';
import { pull } from '../support/skopeo';
import { describeWithTools } from '../support/tools';

const cluster = {
  name: 'private',
  cache: {
    storage: StorageBackend.hostPath({ node: 'node-1' }),
    access: Access.htpasswd({ users: AuthSecret.htpasswd('cache-users'), tls: AuthSecret.tls('cache-tls') }),
    frontTier: FrontTier.none(),
  },
};
const ann = { user: 'ann', password: 'p:ss wörd"\\' };
const bob = { user: 'bob', password: 'other' };

describeWithTools('a registry with users', ['registry', 'debian:skopeo', 'debian:apache2-utils'], () => {
  const authority = new CertificateAuthority();
  const { cert, key } = authority.issue('127.0.0.1');
  let hub: FakeHub;
  let image: RandomImage;
  let caFolder: string;
  let cache: RenderedCache;
  beforeAll(async () => {
    [hub, image] = await Promise.all([FakeHub.start(), randomImage()]);
    await hub.push(image.layout, 'library/app:1');
    caFolder = await mkdtemp(join(tmpdir(), 'authority-'));
    await writeFile(join(caFolder, 'ca.crt'), authority.cert);
  });
  beforeEach(async () => {
    cache = await cacheWith(htpasswd({ ann: ann.password }));
    await cache.start();
  });
  afterEach(async () => {
    await cache.remove();
    await hub.listen().catch(() => undefined);
  });
  afterAll(async () => {
    await hub.stop();
    await Promise.all([image.remove(), rm(caFolder, { recursive: true })]);
  });

  const cacheWith = (users: string) =>
    RenderedCache.of(cluster, {
      urls: { 'https://registry-1.docker.io': hub.url },
      secrets: { 'cache-users': { htpasswd: users }, 'cache-tls': { 'tls.crt': cert, 'tls.key': key } },
    });
  const through = (options: object) => pull(`${cache.address}/library/app:1`, { caFolder, ...options });
  const answer = async (
    path: string,
    login?: { user: string; password: string },
  ): Promise<IncomingMessage> => {
    const auth = login && `${login.user}:${login.password}`;
    const asked = getTls(`https://${cache.address}${path}`, { ca: authority.cert, agent: false, auth });
    const [received] = (await once(asked, 'response')) as [IncomingMessage];
    received.resume();
    return received;
  };

  it('serves who has the right password, warm and cold', async () => {
    expect(await through({ login: ann })).toMatchObject({ code: 0, digest: image.digest });
    await hub.refuse();
    expect(await through({ login: ann })).toMatchObject({ code: 0, digest: image.digest });
  });

  it.each([
    ['no login', undefined],
    ['a wrong password', { ...ann, password: 'wrong' }],
    ['an empty password', { ...ann, password: '' }],
    ['a user that it does not know', bob],
  ])('refuses %s, even what it has, and still names its upstream', async (_, login) => {
    expect((await through({ login: ann })).code).toBe(0);
    for (const path of [
      '/v2/',
      `/v2/library/app/manifests/${image.digest}`,
      `/v2/library/app/blobs/${image.layers[0] ?? ''}`,
    ]) {
      const { statusCode, headers } = await answer(path, login);
      expect([statusCode, headers['docker-cache-upstream'], headers['www-authenticate']]).toEqual([
        401,
        'docker.io',
        'Basic realm="docker-cache"',
      ]);
    }
    expect((await through({ login })).code).toBe(1);
  });

  it('takes up changed users while it runs', async () => {
    expect((await through({ login: bob })).code).toBe(1);
    await cache.rotate('cache-users', { htpasswd: htpasswd({ bob: bob.password }) });
    expect((await through({ login: bob })).code).toBe(0);
    expect((await through({ login: ann })).code).toBe(1);
  });

  it('does not start with a users file that it would refuse everybody for, and shows no hash', async () => {
    await cache.remove();
    const [line = ''] = htpasswd({ ann: ann.password }).split('\n');
    cache = await cacheWith(`${line}\n${line.replace(':', ' ')}\n`);
    const failed = await cache.start().then(() => '', String);
    expect(failed).toMatch(/check-htpasswd ended with 1: check-htpasswd: .*line 2/);
    expect(failed).not.toContain(line.slice(-20));
  });

  it('speaks to nobody in clear text, nor with a TLS older than 1.2, nor who does not know its authority', async () => {
    expect((await fetch(`http://${cache.address}/v2/`)).status).toBe(400);
    const [host = '', port = ''] = cache.address.split(':');
    const old = connect({
      host,
      port: Number(port),
      ca: authority.cert,
      maxVersion: 'TLSv1.1',
      minVersion: 'TLSv1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    });
    expect(String(await once(old, 'error'))).toContain('protocol version');
    await writeFile(join(caFolder, 'ca.crt'), new CertificateAuthority().cert);
    expect((await through({ login: ann })).output).toContain('unknown authority');
    await writeFile(join(caFolder, 'ca.crt'), authority.cert);
  });

  it('answers its probe without a login', async () => {
    expect((await answer('/')).statusCode).toBe(200);
  });

  it('writes no password to its log', async () => {
    expect((await through({ login: ann })).code).toBe(0);
    expect((await through({ login: { ...ann, password: 'mistyped' } })).code).toBe(1);
    const secrets = [ann.password, 'mistyped', Buffer.from(`${ann.user}:${ann.password}`).toString('base64')];
    for (const secret of secrets) expect(cache.log).not.toContain(secret);
  });
});
