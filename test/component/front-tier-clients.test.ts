import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { describeWithVarnish } from '../support/describe-with-varnish';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { TestProcess } from '../support/process';
import { pull } from '../support/skopeo';
import { findDebian } from '../support/tools';

const login = { user: 'ann', password: 'right' };

/** Pulls with podman into a store of its own, and says how that ended and what it printed. */
async function podmanPull(
  reference: string,
  credentials?: typeof login,
): Promise<{ code: unknown; output: string }> {
  const root = await mkdtemp(join(tmpdir(), 'podman-'));
  try {
    const process = await TestProcess.start({
      command: findDebian('podman'),
      args: [
        ...['--root', join(root, 'root'), '--runroot', join(root, 'run'), '--storage-driver', 'vfs'],
        ...['pull', '--quiet', '--tls-verify=false'],
        ...(credentials ? [`--creds=${credentials.user}:${credentials.password}`] : []),
        reference,
      ],
    });
    return { code: await process.exited(), output: process.log };
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

describeWithVarnish(
  'clients of the front tier',
  ['registry', 'debian:skopeo', 'debian:podman', 'debian:apache2-utils'],
  () => {
    let hub: FakeHub;
    let single: RandomImage;
    let index: RandomImage;
    const pods: Record<string, FrontPod> = {};

    beforeAll(async () => {
      single = await randomImage();
      index = await randomImage({ architectures: ['amd64', 'arm64'] });
      hub = await FakeHub.start();
      await hub.push(single.layout, 'library/single:1');
      await hub.push(index.layout, 'library/index:1');
      pods['open'] = await FrontPod.start({ upstream: hub.url });
      const htpasswd = spawnSync(findDebian('apache2-utils'), ['-nbBC', '4', login.user, login.password]);
      pods['htpasswd'] = await FrontPod.start({ upstream: hub.url, htpasswd: htpasswd.stdout.toString() });
    });
    afterAll(async () => {
      for (const pod of Object.values(pods)) await pod.stop();
      await hub.stop();
      await single.remove();
      await index.remove();
    });

    describe.each([
      ['open', undefined],
      ['htpasswd', login],
    ] as const)('with access %s', (access, credentials) => {
      const options = credentials ? { login: credentials } : {};
      const at = (path: string) => `${pods[access]?.address ?? ''}/${path}`;

      it('skopeo pulls by tag, by digest, and every architecture', async () => {
        for (const reference of ['library/single:1', `library/single@${single.digest}`])
          expect(await pull(at(reference), options)).toMatchObject({ code: 0, digest: single.digest });
        expect(await pull(at('library/index:1'), { ...options, all: true })).toMatchObject({
          code: 0,
          digest: index.digest,
        });
        expect(await pull(at(`library/index@${index.digest}`), options)).toMatchObject({
          code: 0,
          digest: index.manifests['amd64'],
        });
      });

      it('podman asks for what it needs and gets it', async () => {
        hub.forget();
        // The layers are random bytes, which podman downloads and then cannot unpack.
        const { output } = await podmanPull(at('library/single:1'), credentials);
        expect(output).not.toMatch(/unauthorized|manifest unknown|digest|EOF/i);
        expect(output).toMatch(/layer|tar/i);
      });
    });

    it('are refused with a wrong password', async () => {
      const wrong = { ...login, password: 'wrong' };
      const reference = `${pods['htpasswd']?.address ?? ''}/library/single:1`;
      expect((await pull(reference, { login: wrong })).output).toMatch(/unauthorized|401/i);
      expect((await podmanPull(reference, wrong)).output).toMatch(/unauthorized|401/i);
      expect((await pull(reference)).output).toMatch(/unauthorized|authentication required|401/i);
    });
  },
);
