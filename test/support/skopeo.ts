import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TestProcess } from './process';
import { findDebian } from './find-tools';

export interface SkopeoOptions {
  /** Tried in clear text when absent. */
  readonly login?: { readonly user: string; readonly password: string };
  /** A folder with the `ca.crt` that the registry's certificate must chain to; without it the registry speaks HTTP. */
  readonly caFolder?: string;
  /** An HTTP proxy that everything goes through, addresses of this machine excepted. */
  readonly proxy?: string;
  /** Every architecture of an index, instead of linux/amd64. @default false */
  readonly all?: boolean;
  /** Ends skopeo when it takes longer. @default 60000 (milliseconds) */
  readonly timeoutMs?: number;
}

/** How a run of skopeo ended. */
export interface SkopeoResult {
  /** 0 when it went well; the name of a signal when it was ended. */
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

/** What a pull brought; digest and bytes are there when it went well. */
export interface Pull extends SkopeoResult {
  /** Of the manifest, or of the index when every architecture was asked for. */
  readonly digest: string;
  /** Of all blobs. */
  readonly bytes: number;
}

/** Pulls an image (`127.0.0.1:5000/library/app:1`) into a folder that is then checked, digest by digest, and removed. */
export async function pull(image: string, options: SkopeoOptions = {}): Promise<Pull> {
  const folder = await mkdtemp(join(tmpdir(), 'pull-'));
  try {
    const all = options.all === true ? ['--all'] : [];
    const result = await skopeo(
      ['copy', ...all, ...access('--src-', options), `docker://${image}`, `dir:${folder}`],
      options,
    );
    return { ...result, ...(result.code === 0 ? await verify(folder) : { digest: '', bytes: 0 }) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Pushes the image of an OCI layout, with every architecture that it has. */
export async function push(layout: string, image: string, options: SkopeoOptions = {}): Promise<void> {
  const args = [
    'copy',
    '--all',
    '--preserve-digests',
    ...access('--dest-', options),
    `oci:${layout}`,
    `docker://${image}`,
  ];
  const { code, output } = await skopeo(args, options);
  if (code !== 0) throw new Error(`skopeo could not push ${image}: ${output}`);
}

/** Asks for the manifest of an image and prints it as it is. */
export async function inspect(image: string, options: SkopeoOptions = {}): Promise<SkopeoResult> {
  return skopeo(['inspect', '--raw', ...access('--', options), `docker://${image}`], options);
}

async function skopeo(args: readonly string[], options: SkopeoOptions): Promise<SkopeoResult> {
  const { proxy, timeoutMs = 60_000 } = options;
  const process = await TestProcess.start({
    command: findDebian('skopeo'),
    args: ['--insecure-policy', '--override-os', 'linux', '--override-arch', 'amd64', ...args],
    env: proxy === undefined ? {} : { HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
  });
  const killer = setTimeout(() => process.signal('SIGKILL'), timeoutMs);
  const code = await process.exited();
  clearTimeout(killer);
  return { code, output: process.log };
}

function access(prefix: string, { login, caFolder }: SkopeoOptions): string[] {
  return [
    ...(login ? [`${prefix}creds=${login.user}:${login.password}`] : [`${prefix}no-creds`]),
    ...(caFolder === undefined ? [`${prefix}tls-verify=false`] : [`${prefix}cert-dir=${caFolder}`]),
  ];
}

/** Throws when a file of a `dir:` folder is not what its name says, or when one that a manifest names is missing. */
async function verify(folder: string): Promise<{ digest: string; bytes: number }> {
  const blobs = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  let bytes = 0;
  for (const name of blobs) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(join(folder, name)), async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        hash.update(chunk);
      }
    });
    if (hash.digest('hex') !== name) throw new Error(`blob ${name} arrived with another content`);
  }
  const manifests = (await readdir(folder)).filter((name) => name.endsWith('manifest.json'));
  for (const name of manifests) {
    const text = await readFile(join(folder, name), 'utf8');
    const { config, layers = [] } = JSON.parse(text) as { config?: Descriptor; layers?: Descriptor[] };
    for (const { digest } of config ? [config, ...layers] : layers)
      if (!blobs.includes(digest.replace('sha256:', ''))) throw new Error(`blob ${digest} did not arrive`);
  }
  const manifest = await readFile(join(folder, 'manifest.json'));
  return { digest: `sha256:${createHash('sha256').update(manifest).digest('hex')}`, bytes };
}

interface Descriptor {
  readonly digest: string;
}
