import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { arch, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { TestProcess } from './process';
import { findDebian, findTool } from './find-tools';

/** Something in an image's only layer, by its path there. */
export type ImageEntry =
  | { readonly path: string; readonly copyOf: string }
  | { readonly path: string; readonly content: string | Buffer }
  | { readonly path: string; readonly linkTo: string };

/** A folder of this machine that is a layer as it stands. */
export interface ImageRoot {
  readonly folder: string;
  /** What is left out of it, relative to it. */
  readonly without: readonly string[];
}

export interface ImageOptions {
  readonly content: readonly ImageEntry[] | ImageRoot;
  readonly entrypoint: readonly string[];
  readonly cmd?: readonly string[];
  /** @default PATH=/usr/bin:/bin */
  readonly env?: readonly string[];
  /** More than one make an index over the same content. @default this machine's */
  readonly architectures?: readonly string[];
}

/** How one blob names another. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** An image as an OCI layout in a temporary folder: skopeo's `oci:<layout>`. */
export interface OciImage {
  readonly layout: string;
  /** The manifest, or the index of several architectures. */
  readonly top: Descriptor;
  /** Size of the layer. */
  readonly layerBytes: number;
  remove(): Promise<void>;
}

const type = (name: string) => `application/vnd.oci.image.${name}`;

/** This machine's architecture as images name it. */
export const machineArchitecture = arch() === 'x64' ? 'amd64' : arch();

/** Writes an image with one layer that holds the entries, all of them owned by root. */
export async function buildImage(options: ImageOptions): Promise<OciImage> {
  const layout = await mkdtemp(join(tmpdir(), 'oci-'));
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  const layer = await writeLayer(layout, options.content);
  const architectures = options.architectures ?? [machineArchitecture];
  const manifests = [];
  for (const architecture of architectures) {
    const config = await writeBlob(
      layout,
      type('config.v1+json'),
      JSON.stringify({
        architecture,
        os: 'linux',
        config: {
          Entrypoint: options.entrypoint,
          Cmd: options.cmd ?? [],
          Env: options.env ?? ['PATH=/usr/bin:/bin'],
        },
        rootfs: { type: 'layers', diff_ids: [layer.digest] },
      }),
    );
    const mediaType = type('manifest.v1+json');
    const manifest = await writeBlob(
      layout,
      mediaType,
      JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] }),
    );
    manifests.push({ ...manifest, platform: { os: 'linux', architecture } });
  }
  const [only] = manifests;
  const top =
    manifests.length === 1 && only
      ? only
      : await writeBlob(layout, type('index.v1+json'), indexOf(manifests));
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), indexOf([top]));
  return {
    layout,
    top,
    layerBytes: layer.size,
    remove: () => rm(layout, { recursive: true, force: true }),
  };
}

/** Packs an image into an archive that `ctr images import` loads under this name. */
export async function writeArchive(image: OciImage, name: string, file: string): Promise<void> {
  const named = {
    ...image.top,
    annotations: {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').pop(),
    },
  };
  await writeFile(join(image.layout, 'index.json'), indexOf([named]));
  await tar(['-cf', file, '-C', image.layout, '.']);
}

/** The registry as its public image has it, with a shell for scripts of the configuration. */
export function registryImage(): Promise<OciImage> {
  return buildImage({
    content: [
      { path: 'usr/bin/registry', copyOf: findTool('registry') },
      ...shell(),
      ...accounts(),
      { path: 'etc/distribution/config.yml', content: 'version: 0.1\n' },
    ],
    entrypoint: ['registry'],
    cmd: ['serve', '/etc/distribution/config.yml'],
  });
}

/** Varnish and its friends as Debian has them, with the compiler that it needs. */
export function varnishImage(folder: string): Promise<OciImage> {
  return buildImage({
    content: { folder, without: ['dev/*', 'proc/*', 'sys/*', 'tmp/*', 'usr/share/doc', '.complete'] },
    entrypoint: ['varnishd'],
    env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
  });
}

/** Node.js as it runs here, with the libraries that it is linked to. */
export async function nodeImage(): Promise<OciImage> {
  return buildImage({
    content: [
      { path: 'usr/local/bin/node', copyOf: process.execPath },
      ...(await librariesOf(process.execPath)),
      ...shell(),
      ...accounts(),
    ],
    entrypoint: ['node'],
    env: ['PATH=/usr/local/bin:/usr/bin:/bin'],
  });
}

export interface SleeperOptions {
  /** Size of random content, so that nobody has seen the layer before. @default 0 */
  readonly randomBytes?: number;
  readonly architectures?: readonly string[];
}

/** An image whose program only waits: the sandbox of Pods, and with random content an image to pull. */
export function sleeperImage({
  randomBytes: size = 0,
  architectures,
}: SleeperOptions = {}): Promise<OciImage> {
  return buildImage({
    content: [...shell(), ...(size > 0 ? [{ path: 'random', content: randomBytes(size) }] : [])],
    entrypoint: ['/bin/busybox', 'sleep', '2147483647'],
    architectures,
  });
}

/** A static shell with the commands that scripts of init containers use. */
function shell(): ImageEntry[] {
  const links = [
    'sh',
    'cat',
    'chgrp',
    'chmod',
    'id',
    'ls',
    'mkdir',
    'rm',
    'stat',
    'touch',
    'sed',
    'printf',
    'test',
  ];
  return [
    { path: 'bin/busybox', copyOf: findDebian('busybox-static') },
    ...links.map((name) => ({ path: `bin/${name}`, linkTo: 'busybox' })),
  ];
}

/** The files that programs expect to find in any image. */
function accounts(): ImageEntry[] {
  return [
    { path: 'etc/passwd', content: 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n' },
    { path: 'etc/group', content: 'root:x:0:\nnogroup:x:65534:\n' },
    { path: 'tmp/.keep', content: '' },
  ];
}

/** The shared libraries of a program and its loader, at the paths where it looks for them. */
async function librariesOf(program: string): Promise<ImageEntry[]> {
  const ldd = await TestProcess.start({ command: 'ldd', args: [program] });
  if ((await ldd.exited()) !== 0) throw new Error(`ldd ${program}: ${ldd.log}`);
  const paths = [...ldd.log.matchAll(/(\/\S+\.so\S*)/g)].map(([path]) => path);
  return [...new Set(paths)].map((path) => ({ path: path.slice(1), copyOf: path }));
}

async function writeLayer(layout: string, content: readonly ImageEntry[] | ImageRoot): Promise<Descriptor> {
  const file = join(layout, 'layer.tar');
  if ('folder' in content) {
    await tar([...content.without.map((path) => `--exclude=./${path}`), ...layerOf(content.folder, file)]);
  } else {
    const root = await mkdtemp(join(tmpdir(), 'layer-'));
    try {
      await writeEntries(root, content);
      await tar(['--owner=0', '--group=0', '--mtime=@0', ...layerOf(root, file)]);
    } finally {
      await rm(root, { recursive: true });
    }
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const hex = hash.digest('hex');
  const { size } = await stat(file);
  await rename(file, join(layout, 'blobs/sha256', hex));
  return { mediaType: type('layer.v1.tar'), digest: `sha256:${hex}`, size };
}

const layerOf = (folder: string, file: string) => [
  '--numeric-owner',
  '--sort=name',
  '-cf',
  file,
  '-C',
  folder,
  '.',
];

async function writeEntries(root: string, entries: readonly ImageEntry[]): Promise<void> {
  await chmod(root, 0o755);
  for (const entry of entries) {
    const path = join(root, entry.path);
    await mkdir(dirname(path), { recursive: true });
    if ('linkTo' in entry) await symlink(entry.linkTo, path);
    else if ('copyOf' in entry) await copyFile(entry.copyOf, path);
    else await writeFile(path, entry.content);
    if ('copyOf' in entry) await chmod(path, 0o755);
  }
}

function indexOf(manifests: readonly Descriptor[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: type('index.v1+json'), manifests });
}

async function writeBlob(layout: string, mediaType: string, content: string): Promise<Descriptor> {
  const bytes = Buffer.from(content);
  const hex = createHash('sha256').update(bytes).digest('hex');
  await writeFile(join(layout, 'blobs/sha256', hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}

async function tar(args: readonly string[]): Promise<void> {
  const process = await TestProcess.start({ command: 'tar', args });
  const end = await process.exited();
  if (end !== 0) throw new Error(`tar ${args.join(' ')} ended with ${end}: ${process.log}`);
}
