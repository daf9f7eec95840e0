import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Cluster } from '../../cluster';

/** A problem of a cluster file as a whole, as one line. */
export class ClusterFileError extends Error {
  override readonly name = 'ClusterFileError';
}

/** The folder of a project's clusters, one file each. */
export function clustersFolder(root: string): string {
  return join(root, 'stacks/clusters');
}

/**
 * The names of the clusters of a folder, which are their files'.
 *
 * @throws ClusterFileError when there is no such folder, or no cluster in it
 */
export function clusterNames(folder: string): string[] {
  const names = filesOf(folder)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .map((file) => basename(file, '.ts'))
    .sort();
  if (names.length === 0) {
    throw new ClusterFileError(
      `no cluster file is in ${folder}; write one there, or let docker-cache import make it`,
    );
  }
  return names;
}

function filesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The file of a cluster. */
export function clusterFile(folder: string, name: string): string {
  return join(folder, `${name}.ts`);
}

/**
 * The clusters that were asked for, or all of them.
 *
 * @throws ClusterFileError naming those that do not exist, and those that do
 */
export function selectClusters(all: readonly string[], wanted: readonly string[]): readonly string[] {
  const unknown = wanted.filter((name) => !all.includes(name));
  if (unknown.length === 0) return wanted.length === 0 ? all : all.filter((name) => wanted.includes(name));
  throw new ClusterFileError(`no cluster is named ${unknown.join(', ')}; there are: ${all.join(', ')}`);
}

/**
 * The cluster that a file's module exports.
 *
 * @throws ClusterFileError when it exports none, or one of another name
 */
export function clusterOfModule(name: string, module: { readonly default?: unknown }): Cluster {
  const cluster = module.default;
  if (!isCluster(cluster)) {
    throw new ClusterFileError('exports no cluster; write: export default { name: …, … } satisfies Cluster');
  }
  if (cluster.name !== name) {
    throw new ClusterFileError(
      `name is not the file's name (was ${JSON.stringify(cluster.name)}); rename one of the two, or the wrong cluster would be applied`,
    );
  }
  return cluster;
}

function isCluster(value: unknown): value is Cluster {
  return typeof value === 'object' && value !== null && 'name' in value;
}
