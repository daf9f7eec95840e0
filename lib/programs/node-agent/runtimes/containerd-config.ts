import { posix } from 'node:path';
import { parseToml, tomlProblem, tomlTable, tomlValue } from '../../../render/toml';
import type { HostDisk } from '../disk/host-disk';
import { Refusal } from '../refusal';

/** What containerd's configuration says of registries. */
export interface ContainerdRegistries {
  /** Empty where none is set. */
  readonly configPath: string;
  /** Registries with a mirror in the configuration itself, which excludes a `config_path`. */
  readonly mirrors: readonly string[];
  /** Table that `config_path` belongs into. */
  readonly table: string;
  /** Imports that are not mounted into the agent, and may say something else. */
  readonly unseen: readonly string[];
}

/** Plugins that may hold the registries, of version 3, 2 and 1 of the format. */
const plugins = ['io.containerd.cri.v1.images', 'io.containerd.grpc.v1.cri', 'cri'] as const;

/** Reads the configuration and what it imports; undefined where there is none. */
export function containerdRegistries(disk: HostDisk, path: string): ContainerdRegistries | undefined {
  const main = disk.readText(path);
  if (main === undefined) return undefined;
  const patterns = imports(path, main);
  const isSeen = (pattern: string) => seen(disk, path, pattern);
  const files = [path, ...patterns.filter(isSeen).flatMap((pattern) => matches(disk, pattern))];
  const tables = files.flatMap((file) => registryTables(disk.readText(file) ?? '', file));
  const paths = [...new Set(tables.flatMap((registry) => stringOf(registry['config_path'])))];
  if (paths.length > 1) {
    throw new Refusal(
      `config_path is set to different folders in ${path} and its imports (${paths.join(', ')})`,
      ['leave one of them, or set certsDir to the folder that holds'],
    );
  }
  return {
    configPath: paths[0] ?? '',
    mirrors: tables.flatMap((registry) => Object.keys(tomlTable(registry['mirrors']) ?? {})),
    table: registryTable(parseToml(main)['version']),
    unseen: patterns.filter((pattern) => !isSeen(pattern)),
  };
}

function registryTables(text: string, path: string): Readonly<Record<string, unknown>>[] {
  const config = readToml(text, path);
  return plugins.flatMap((plugin) => {
    const registry = tomlTable(tomlValue(config, 'plugins', plugin, 'registry'));
    return registry === undefined ? [] : [registry];
  });
}

function readToml(text: string, path: string): Readonly<Record<string, unknown>> {
  const problem = tomlProblem(text);
  if (problem !== undefined) throw new Refusal(`${path} cannot be read: ${problem}`, [`repair ${path}`]);
  return parseToml(text);
}

function registryTable(version: unknown): string {
  const plugin =
    version === 3 || version === 3n ? plugins[0] : version === 2 || version === 2n ? plugins[1] : plugins[2];
  return `plugins."${plugin}".registry`;
}

/** What the configuration imports: absolute names, or patterns for their last part. */
function imports(path: string, text: string): string[] {
  const patterns = readToml(text, path)['imports'];
  return (Array.isArray(patterns) ? patterns : [])
    .flatMap(stringOf)
    .map((pattern) => posix.resolve(posix.dirname(path), pattern));
}

/** A folder that is missing below that of the configuration is known to be missing: that one is mounted as a whole. */
function seen(disk: HostDisk, config: string, pattern: string): boolean {
  const folder = posix.dirname(pattern);
  if (/[*?[\]]/.test(folder)) return false;
  return disk.exists(folder) || `${folder}/`.startsWith(`${posix.dirname(config)}/`);
}

function matches(disk: HostDisk, pattern: string): string[] {
  const expression = posix
    .basename(pattern)
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const folder = posix.dirname(pattern);
  return disk
    .list(folder)
    .filter((file) => new RegExp(`^${expression}$`).test(file))
    .map((file) => posix.join(folder, file));
}

function stringOf(value: unknown): string[] {
  return typeof value === 'string' && value !== '' ? [value] : [];
}
