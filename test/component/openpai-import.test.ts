import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cluster, FrontTier } from '../../lib';
import { describeWithAzurite } from '../support/azurite';
import { cli } from '../support/cli';
import { FakeAzure } from '../support/fake-azure';
import { FakeHub, randomImage, type RandomImage } from '../support/fake-hub';
import { loadSource } from '../support/load-source';
import { accountKey, azureWithKey, guideFilesystem, htpasswdBase64, layout } from '../support/openpai-files';
import { otherProject } from '../support/other-project';
import { RenderedCache, type Surroundings } from '../support/rendered-cache';
import { pull } from '../support/skopeo';
import { describeWithTools } from '../support/tools';

const parts = ['registry', 'debian:skopeo'];

async function imported(config: string, ...options: string[]): Promise<Cluster> {
  const files = { 'config.yaml': config, 'layout.yaml': layout };
  const run = await cli(['import', 'config.yaml', '--layout', 'layout.yaml', ...options], { files });
  if (run.code !== 0) throw new Error(run.error);
  const cluster = loadSource(run.written['stacks/clusters/openpai.ts'] ?? '');
  // The registry itself is what the guide's files are about.
  return { ...cluster, cache: cluster.cache && { ...cluster.cache, frontTier: FrontTier.none() } } as Cluster;
}

interface ManifestList {
  readonly items: readonly { metadata: { name: string }; data: Readonly<Record<string, string>> }[];
}

/** The values of the Secrets that the command prints for kubectl. */
async function printedSecrets(config: string): Promise<NonNullable<Surroundings['secrets']>> {
  const { out } = await cli(['secret', 'config.yaml', '--json'], { files: { 'config.yaml': config } });
  const { items } = JSON.parse(out) as ManifestList;
  const decoded = (data: Readonly<Record<string, string>>) =>
    Object.fromEntries(
      Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
    );
  return Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, decoded(data)]));
}

describeWithTools("the guide's example for a file system, imported", parts, () => {
  let hub: FakeHub;
  let image: RandomImage;
  beforeAll(async () => {
    [hub, image] = await Promise.all([FakeHub.start(), randomImage()]);
    await hub.push(image.layout, 'library/app:1');
  });
  afterAll(() => Promise.all([hub.stop(), image.remove()]));

  it('starts a registry that keeps what it has served once', async () => {
    const urls = { 'https://registry-1.docker.io': hub.url };
    const cache = await RenderedCache.of(await imported(guideFilesystem), { urls });
    try {
      await cache.start();
      expect(await pull(`${cache.address}/library/app:1`)).toMatchObject({ code: 0, digest: image.digest });
      await cache.stop();
      await hub.refuse();
      await cache.start();
      expect(await pull(`${cache.address}/library/app:1`)).toMatchObject({ code: 0, digest: image.digest });
    } finally {
      await cache.remove();
    }
  });
});

describeWithAzurite("the guide's example for Azure with a real key, imported", parts, () => {
  it('starts a registry that keeps its images in the account', async () => {
    const [account, hub, image] = await Promise.all([FakeAzure.start(), FakeHub.start(), randomImage()]);
    const config = azureWithKey.replace(accountKey, account.azurite.key);
    await hub.push(image.layout, 'library/app:1');
    const cache = await RenderedCache.of(await imported(config), {
      urls: { 'https://registry-1.docker.io': hub.url },
      secrets: await printedSecrets(config),
      env: account.networkEnv,
    });
    try {
      await cache.start();
      expect(cache.initLogs['create-container']).toContain('made the container dockerregistry');
      expect(await pull(`${cache.address}/library/app:1`)).toMatchObject({ code: 0, digest: image.digest });
      expect(await account.azurite.listBlobs('dockerregistry')).not.toEqual([]);
    } finally {
      await cache.remove();
      await Promise.all([account.stop(), hub.stop(), image.remove()]);
    }
  });
});

describe('every imported file', () => {
  it('type-checks as it is in a project of somebody else', async () => {
    const root = otherProject();
    try {
      const users = `${azureWithKey}docker_cache_htpasswd: ${htpasswdBase64}\n`;
      const access = ['--host', 'a.example', '--tls-secret', 'a', '--ca-secret', 'b', '--login-secret', 'c'];
      const imports = [
        ['config.yaml', '--name', 'one', '--layout', 'layout.yaml', '--node-port', '30501'],
        ['users.yaml', '--name', 'two', ...access, '--image-store', 'containerd'],
        ['--mirror', '10.0.0.5:5000', '--name', 'three', '--runtime', 'crio'],
      ];
      const files = { 'config.yaml': guideFilesystem, 'users.yaml': users, 'layout.yaml': layout };
      for (const args of imports) {
        const { written, error } = await cli(['import', ...args], { files });
        for (const [file, text] of Object.entries(written)) writeFileSync(join(root, file), text);
        expect(error).not.toMatch(/refused|cannot/);
        expect(Object.keys(written)).toHaveLength(1);
      }
      const project = resolve(__dirname, '../..');
      mkdirSync(join(root, 'node_modules'), { recursive: true });
      symlinkSync(join(project, 'node_modules/@types'), join(root, 'node_modules/@types'));
      const compilerOptions = {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: 'es2022',
        module: 'node16',
        types: ['node'],
        paths: { 'docker-cache': [join(project, 'lib/index.ts')] },
      };
      writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['stacks'] }));
      const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin/tsc');
      expect(execFileSync(process.execPath, [tsc, '-p', root], { encoding: 'utf8' })).toBe('');
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});
