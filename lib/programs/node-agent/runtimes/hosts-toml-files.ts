import { posix } from 'node:path';
import { hostsTomlProblem, isMarked, ourMark } from '../../../render/hosts-toml';
import type { HostDisk } from '../disk/host-disk';
import { hostsTomlEdit } from '../edits/hosts-toml-edit';
import { markedFileEdit } from '../edits/marked-file-edit';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import type { ManagedFile, MirrorFiles, RefusedMirror } from './runtime';

/** What the files of somebody else are worth. */
export interface ForeignFiles {
  /** URLs of mirrors that are taken over. */
  readonly replaces: readonly string[];
  readonly merge: boolean;
}

/** Files of a mirror that runtimes read at each pull: a `hosts.toml` in each folder, after its authority. */
export function hostsTomlFiles(
  disk: HostDisk,
  mirror: ResolvedMirror,
  folders: readonly string[],
  foreign: ForeignFiles,
): MirrorFiles {
  const caFile = mirror.ca === undefined ? undefined : caPath(disk, mirror.host, folders);
  return {
    host: mirror.host,
    files: [
      ...(mirror.ca === undefined || caFile === undefined ? [] : [caFileOf(caFile, mirror.ca, mirror.url)]),
      ...folders.map((folder) => hostsTomlFile(disk, mirror, folder, caFile, foreign)),
    ],
  };
}

/** A mirror's files, or the reason why this node gets none. */
export function orRefused(host: string, files: () => MirrorFiles): MirrorFiles | RefusedMirror {
  try {
    return files();
  } catch (error) {
    if (error instanceof Refusal) return { host, refusal: error };
    throw error;
  }
}

/** The certificate authority of a mirror, as a file of the node. */
export function caFileOf(path: string, ca: string, url: string): ManagedFile {
  const text = `${ourMark}\n${ca.trim()}\n`;
  return { path, mode: 0o644, secret: false, edit: markedFileEdit({ kind: 'ca', path, text, own: [url] }) };
}

function hostsTomlFile(
  disk: HostDisk,
  mirror: ResolvedMirror,
  folder: string,
  caFile: string | undefined,
  { replaces, merge }: ForeignFiles,
): ManagedFile {
  const { server, url, authorization } = mirror;
  const path = posix.join(hostFolder(disk, folder, mirror.host), 'hosts.toml');
  const fallback = fallbackOf(disk, folder, path, merge);
  const edit = hostsTomlEdit({
    path,
    replaces,
    merge,
    mirror: {
      server,
      url,
      ...(caFile !== undefined && { caFile }),
      ...(authorization !== undefined && { authorization }),
    },
    ...(fallback !== undefined && { fallback }),
  });
  return {
    path,
    mode: authorization === undefined ? 0o644 : 0o600,
    secret: authorization !== undefined,
    edit,
  };
}

/** Not `.crt`: where no hosts.toml is, such a file is taken for an authority of the registry itself. */
function caPath(disk: HostDisk, host: string, [folder = '/']: readonly string[]): string {
  return posix.join(hostFolder(disk, folder, host), 'docker-cache-ca.pem');
}

/** The first that exists is the one that is read: `host_port_`, `host:port`. */
function hostFolder(disk: HostDisk, folder: string, host: string): string {
  const other = posix.join(folder, host.replace(/:(\d+)$/, '_$1_'));
  return other !== posix.join(folder, host) && disk.exists(other) ? other : posix.join(folder, host);
}

/** `_default` serves a registry that has no folder of its own, and no longer serves it beside ours. */
function fallbackOf(disk: HostDisk, folder: string, path: string, merge: boolean): string | undefined {
  const text = disk.readText(posix.join(folder, '_default', 'hosts.toml'));
  if (text === undefined || hostsTomlProblem(text) !== undefined) return undefined;
  const own = disk.readText(path);
  if (own !== undefined && !isMarked(own)) return undefined;
  if (merge) return text;
  if (own !== undefined) return undefined;
  throw new Refusal(`${folder}/_default/hosts.toml serves this registry today, and ${path} would hide it`, [
    'ask for merging with mergeForeignFiles, or remove it',
  ]);
}
