import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CertificateAuthority } from '../support/certificates';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { eventually } from '../support/eventually';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { freePort, TestProcess } from '../support/process';
import { ask, pullImage } from '../support/pull-client';
import { pull } from '../support/skopeo';
import { findDebian } from '../support/tools';

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});

/** A line of a users' file, of the lowest cost that bcrypt has. */
const line = (user: string, password: string): string => {
  const { status, stdout } = spawnSync(findDebian('apache2-utils'), ['-nbBC', '4', user, password]);
  if (status !== 0) throw new Error('htpasswd failed');
  return `${stdout.toString().trim()}\n`;
};

describeWithVarnish(
  'the front tier with logins',
  ['registry', 'debian:skopeo', 'debian:apache2-utils', 'debian:hitch'],
  () => {
    let hub: FakeHub;
    let pod: FrontPod;
    let image: RandomImage;
    let layer: string;
    const ann = basic('ann', 'right');

    beforeAll(async () => {
      image = await randomImage({ layers: 1 });
      hub = await FakeHub.start();
      await hub.push(image.layout, 'library/app:1');
      pod = await FrontPod.start({
        upstream: hub.url,
        htpasswd: line('ann', 'right') + line('bob', 'right'),
      });
      layer = `/v2/library/app/blobs/${image.layers[0] ?? ''}`;
      // Everything is warm: what follows shows who is shown it.
      expect((await pullImage(pod.url, 'library/app', '1', { headers: ann })).digest).toBe(image.digest);
    });
    afterAll(async () => {
      await pod.stop();
      await hub.stop();
      await image.remove();
    });

    const paths = () => [
      '/v2/',
      '/v2',
      '/v2/library/app/manifests/1',
      `/v2/library/app/manifests/${image.digest}`,
      layer,
      `${layer}?ns=docker.io`,
      '/v2/library/app/tags/list',
      '/v2/_catalog',
      '/v2/../v2/library/app/manifests/1',
      '/v2/library/../library/app/manifests/1',
      '/v2//library/app/manifests/1',
      '/v2/library%2Fapp/manifests/1',
    ];

    describe.each<[string, Readonly<Record<string, string>>]>([
      ['no login', {}],
      ['a wrong password', basic('ann', 'wrong')],
      ['an unknown user', basic('eve', 'right')],
      ['an empty login', { authorization: 'Basic ' }],
      ['a token', { authorization: 'Bearer right' }],
      [
        "the front's own notes",
        { 'front-login': 'granted', 'front-url': '/v2/', 'front-kind': 'blob', 'front-last-resort': 'true' },
      ],
      ['the notes of a peer', { 'front-peer': 'front-1', 'front-owner': 'peer_0', 'front-ask': 'registry' }],
    ])('refuses %s', (_, headers) => {
      it.each(['GET', 'HEAD'])('for everything that is warm, by %s', async (method) => {
        for (const path of paths()) {
          const answer = await ask(`${pod.url}${path}`, { method, headers, keepBody: true });
          expect([path, answer.status]).toEqual([path, 401]);
          expect(answer.headers['www-authenticate']).toBe('Basic realm="docker-cache"');
          expect(answer.headers['docker-cache-upstream']).toBe('docker.io');
        }
        const part = await ask(`${pod.url}${layer}`, { method, headers: { ...headers, range: 'bytes=0-9' } });
        expect(part.status).toBe(401);
      });
    });

    it('does not even read a request that hides its login from the registry', async () => {
      const headers = { connection: 'close, authorization', ...basic('ann', 'wrong') };
      expect((await ask(`${pod.url}${layer}`, { headers })).status).toBe(400);
    });

    it('serves who is right, by GET and HEAD, in whole and in part', async () => {
      for (const user of [ann, basic('bob', 'right')]) {
        expect((await ask(`${pod.url}/v2/`, { headers: user })).status).toBe(200);
        expect((await ask(`${pod.url}${layer}`, { headers: user })).digest).toBe(image.layers[0]);
        expect((await ask(`${pod.url}${layer}`, { headers: user, method: 'HEAD' })).status).toBe(200);
        expect((await ask(`${pod.url}${layer}`, { headers: { ...user, range: 'bytes=0-9' } })).bytes).toBe(
          10,
        );
      }
    });

    it('never gives to the upstream what a client logs in with', async () => {
      expect(hub.requests.filter(({ user }) => user !== undefined)).toEqual([]);
    });

    it('asks the registry about a login once, however many requests carry it', async () => {
      const asked = () => pod.reading.metric('registry_http_requests_total', { handler: 'base' });
      await ask(`${pod.url}/v2/`, { headers: ann });
      const before = await asked();
      for (let n = 0; n < 20; n += 1) await ask(`${pod.url}${layer}`, { headers: ann });
      expect(await asked()).toBe(before);
      const other = basic('bob', 'wrong');
      await Promise.all(Array.from({ length: 20 }, () => ask(`${pod.url}${layer}`, { headers: other })));
      expect(await asked()).toBe(before + 1);
    });

    it('remembers a verdict for a minute, and then refuses whom the registry refuses', async () => {
      let replaced = 0;
      const impatient = await FrontPod.start({
        upstream: hub.url,
        htpasswd: line('ann', 'right'),
        edit: (vcl) =>
          vcl.replace('ttl = 60s;', () => {
            replaced += 1;
            return 'ttl = 1s;';
          }),
      });
      try {
        await pullImage(impatient.url, 'library/app', '1', { headers: ann });
        await impatient.setUsers(line('bob', 'right'));
        await eventually(
          async () => (await ask(`${impatient.url}${layer}`, { headers: ann })).status === 401,
        );
        await eventually(
          async () =>
            (await ask(`${impatient.url}${layer}`, { headers: basic('bob', 'right') })).status === 200,
        );
      } finally {
        await impatient.stop();
      }
      expect(replaced).toBe(1);
    });

    it('lets nobody in while the registry that knows the users is dead, except who was just let in', async () => {
      const other = await FrontPod.start({
        upstream: hub.url,
        htpasswd: line('ann', 'right') + line('bob', 'right'),
      });
      try {
        await pullImage(other.url, 'library/app', '1', { headers: ann });
        await other.reading.stop('SIGKILL');
        expect((await ask(`${other.url}${layer}`, { headers: ann })).status).toBe(200);
        expect((await ask(`${other.url}${layer}`, { headers: basic('bob', 'right') })).status).toBe(503);
        expect((await ask(`${other.url}${layer}`)).status).toBe(503);
        await other.restartReading();
        await eventually(
          async () => (await ask(`${other.url}${layer}`, { headers: basic('bob', 'right') })).status === 200,
        );
      } finally {
        await other.stop();
      }
    });

    it('serves skopeo over TLS that something before it has ended, and only with the right login', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'front-tls-'));
      const authority = new CertificateAuthority();
      const { cert, key } = authority.issue('127.0.0.1');
      await writeFile(join(folder, 'ca.crt'), authority.cert);
      await writeFile(join(folder, 'front.pem'), key + cert, { mode: 0o600 });
      const port = await freePort();
      const hitch = await TestProcess.start({
        command: findDebian('hitch'),
        args: [
          `--frontend=[127.0.0.1]:${port}`,
          `--backend=[127.0.0.1]:${pod.varnish.port}`,
          '--user=nobody',
          '--workers=1',
          join(folder, 'front.pem'),
        ],
        ready: async () =>
          !(await pull(`127.0.0.1:${port}/library/app:1`, { caFolder: folder })).output.includes('refused'),
      });
      try {
        const reference = `127.0.0.1:${port}/library/app:1`;
        const right = { user: 'ann', password: 'right' };
        expect(await pull(reference, { caFolder: folder, login: right })).toMatchObject({
          code: 0,
          digest: image.digest,
        });
        expect(
          (await pull(reference, { caFolder: folder, login: { ...right, password: 'wrong' } })).code,
        ).not.toBe(0);
        expect((await pull(reference, { caFolder: folder })).code).not.toBe(0);
      } finally {
        await hitch.stop();
        await rm(folder, { recursive: true });
      }
    });
  },
);
