import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialHelper } from '../../lib/render/credential-helper';
import { registryConfig } from '../../lib/render/registry-config';
import type { RandomImage } from '../support/fake-hub';
import { FrontPod } from '../support/front-pod';
import { freePort, TestProcess } from '../support/process';
import { Registry } from '../support/registry';
import { toolOf } from '../support/tool-catalog';
import { findDebian } from '../support/tools';
import { varnishFolder } from '../support/varnish';
import type { HerdJob, HerdResult } from './herd-client';

/** Something that serves images: what is measured, or what it is measured against. */
export interface Setup {
  readonly name: string;
  readonly url: string;
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Headers of the user that `usersFile` lets in. */
export const userHeaders = { authorization: `Basic ${Buffer.from('ann:right').toString('base64')}` };

/** A users' file whose password costs this much to check. */
export function usersFile(cost: number): string {
  return spawnSync(findDebian('apache2-utils'), ['-nbBC', String(cost), 'ann', 'right']).stdout.toString();
}

/** This cache's Pod: Varnish before two registries. */
export async function ours(upstream: string, htpasswd?: string): Promise<Setup> {
  const pod = await FrontPod.start({
    upstream,
    storeBytes: 8 * 1024 ** 3,
    ...(htpasswd === undefined ? {} : { htpasswd }),
  });
  return {
    name: 'ours',
    url: pod.url,
    pids: [pod.varnish.process.pid, pod.downloading.process.pid, pod.reading.process.pid],
    stop: () => pod.stop(),
  };
}

/** distribution as a proxy, and nothing before it. */
export async function distributionAlone(upstream: string, htpasswd?: string): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'alone-'));
  const helper = join(folder, 'helper');
  await writeFile(helper, credentialHelper());
  await chmod(helper, 0o755);
  if (htpasswd !== undefined) await writeFile(join(folder, 'htpasswd'), htpasswd);
  const address = `127.0.0.1:${await freePort()}`;
  const registry = await Registry.start({
    config: registryConfig({
      host: 'docker.io',
      address,
      debugAddress: `127.0.0.1:${await freePort()}`,
      storage: { type: 'filesystem', rootDirectory: join(folder, 'storage') },
      logLevel: 'error',
      drainSeconds: 25,
      proxy: { url: upstream, ttl: '0s', credentialHelper: helper },
      ...(htpasswd === undefined ? {} : { htpasswdFile: join(folder, 'htpasswd') }),
    }),
  });
  return {
    name: 'distribution alone',
    url: `http://${address}`,
    pids: [registry.process.pid],
    stop: async () => {
      await registry.stop('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

/** nginx with the same bytes as files: what a warm cache could be at best. */
export async function staticNginx(image: RandomImage, repository: string): Promise<Setup> {
  const folder = await mkdtemp(join(tmpdir(), 'nginx-'));
  const root = join(folder, 'v2', repository);
  await mkdir(join(root, 'manifests'), { recursive: true });
  await mkdir(join(root, 'blobs'));
  const blob = (digest: string) => join(image.layout, 'blobs/sha256', digest.slice('sha256:'.length));
  const manifest = JSON.parse(await readFile(blob(image.digest), 'utf8')) as { config: { digest: string } };
  await symlink(blob(image.digest), join(root, 'manifests/1'));
  for (const digest of [manifest.config.digest, ...image.layers])
    await symlink(blob(digest), join(root, 'blobs', digest));
  const port = await freePort();
  const config = join(folder, 'nginx.conf');
  await writeFile(
    config,
    `daemon off; user root; worker_processes 2; pid ${folder}/pid; error_log stderr;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server {
    listen 127.0.0.1:${port}; root ${folder};
    location ~ /blobs/(?<digest>.+)$ { add_header Docker-Content-Digest $digest; }
    location ~ /manifests/ { add_header Docker-Content-Digest ${image.digest}; }
  }
}`,
  );
  const process = await TestProcess.start({
    command: findDebian('nginx'),
    args: ['-c', config, '-e', 'stderr'],
    ready: async () => (await fetch(`http://127.0.0.1:${port}/v2/${repository}/manifests/1`)).status === 200,
  });
  return {
    name: 'static nginx',
    url: `http://127.0.0.1:${port}`,
    pids: [process.pid],
    stop: async () => {
      await process.stop('SIGTERM');
      await rm(folder, { recursive: true });
    },
  };
}

/** Lets a herd run in a process of its own. */
export async function runHerd(job: HerdJob): Promise<HerdResult> {
  const client = await TestProcess.start({
    command: process.execPath,
    args: ['--import', 'tsx', join(__dirname, 'herd-client.ts'), JSON.stringify(job)],
  });
  const code = await client.exited();
  if (code !== 0) throw new Error(`the herd ended with ${code}: ${client.log}`);
  return JSON.parse(client.log) as HerdResult;
}

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

/** Prints where the figures that follow come from. */
export function printMachine(): void {
  const [cpu] = cpus();
  const package_ = (name: string) =>
    spawnSync('dpkg-query', ['--showformat=${Version}', '--show', name]).stdout.toString();
  const varnish =
    readFileSync(join(varnishFolder(), '.complete'), 'utf8').match(/^varnish\t(.*)$/m)?.[1] ?? '';
  console.log(
    `${cpus().length} cores (${cpu?.model ?? ''}), load average ${loadavg()[0]?.toFixed(1) ?? ''} at the start; ` +
      `Node ${process.version}, distribution ${toolOf('registry')?.version ?? ''}, Varnish ${varnish}, nginx ${package_('nginx')}\n`,
  );
}

/** Prints rows as a table of Markdown. */
export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [head, head.map(() => '---'), ...rows];
  console.log(lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n'));
}
