import type { App } from 'cdk8s';
import { relative } from 'node:path';
import type { Cluster } from '../../cluster';
import { clusterApp } from '../../cluster-app';
import { InvalidClusterError } from '../../problem';
import { clusterFile, ClusterFileError, clusterNames, selectClusters } from './cluster-files';
import { type ClusterFolder, loadCluster } from './load-cluster';
import { loadPrograms } from './load-programs';

export interface SynthRequest extends ClusterFolder {
  /** The clusters that are wanted; none means all. */
  readonly names: readonly string[];
  /** Clusters that no file holds. @default none */
  readonly extra?: readonly Cluster[];
  /** Folder that the manifests are written to. */
  readonly outdir: string;
}

/** What became of it: names of the clusters that were written, or every problem, a line each, and nothing written. */
export type SynthResult = { readonly written: readonly string[] } | { readonly lines: readonly string[] };

interface Failure {
  readonly lines: readonly string[];
}

type Made = { readonly name: string; readonly app: App } | Failure;

async function made(place: string, name: string, app: () => Promise<App> | App): Promise<Made> {
  try {
    return { name, app: await app() };
  } catch (error) {
    const failure = (lines: readonly string[]) => ({ lines: lines.map((line) => `${place}: ${line}`) });
    if (error instanceof InvalidClusterError) return failure(error.lines);
    if (error instanceof ClusterFileError) return failure([error.message]);
    throw error;
  }
}

/**
 * Checks every cluster that is wanted, then writes the manifests of all of them, or of none.
 *
 * @throws ClusterFileError when a cluster is wanted that does not exist
 */
export async function synthClusters(request: SynthRequest): Promise<SynthResult> {
  const { project, folder, library, outdir, extra = [] } = request;
  const names =
    extra.length > 0 && request.names.length === 0 ? [] : selectClusters(clusterNames(folder), request.names);
  const programs = await loadPrograms(library.root);
  const results: Made[] = [];
  // One after the other: each runs a person's code.
  for (const name of names) {
    const place = relative(project.root, clusterFile(folder, name));
    results.push(
      await made(place, name, async () => clusterApp(await loadCluster(request, name), { programs, outdir })),
    );
  }
  for (const cluster of extra) {
    results.push(await made(cluster.name, cluster.name, () => clusterApp(cluster, { programs, outdir })));
  }
  const lines = results.flatMap((result) => ('lines' in result ? result.lines : []));
  if (lines.length > 0) return { lines };
  const apps = results.filter((result) => 'app' in result);
  for (const { app } of apps) app.synth();
  return { written: apps.map(({ name }) => name) };
}
