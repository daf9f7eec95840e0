import type { App } from 'cdk8s';
import { join } from 'node:path';
import { clusterApp, InvalidClusterError, type Programs } from '../lib';
import type { Project } from './bundle-cache';
import { bundlePrograms } from './bundle-programs';
import {
  clusterFile,
  ClusterFileError,
  clusterNames,
  clusterOfModule,
  clustersFolder,
  selectClusters,
} from './cluster-files';
import { loadModule } from './load-module';

export interface SynthOptions {
  readonly project: Project;
  /** File of the library that runs, which cluster files share. */
  readonly libraryFile: string;
  /** `CLUSTER` limits what is written, `CDK8S_OUTDIR` says where to. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

interface Failure {
  readonly lines: readonly string[];
}

type Result = { readonly app: App } | Failure;

async function clusterResult(name: string, options: SynthOptions, programs: Programs): Promise<Result> {
  const { project, libraryFile, environment } = options;
  const file = clusterFile(clustersFolder(project.root), name);
  const failure = (lines: readonly string[]): Failure => ({
    lines: lines.map((line) => `stacks/clusters/${name}.ts: ${line}`),
  });
  try {
    const module = await loadModule(project, file, libraryFile);
    const outdir = environment['CDK8S_OUTDIR'] ?? join(project.root, 'dist');
    return { app: clusterApp(clusterOfModule(name, module), { programs, outdir }) };
  } catch (error) {
    if (error instanceof InvalidClusterError) return failure(error.lines);
    if (error instanceof ClusterFileError) return failure([error.message]);
    throw error;
  }
}

/** Checks every cluster, then writes the manifests of all that were asked for, or none; the exit code. */
export async function main(options: SynthOptions): Promise<number> {
  const { project, environment } = options;
  const names = selectClusters(clusterNames(clustersFolder(project.root)), environment['CLUSTER']);
  const programs = await bundlePrograms(project);
  const results: Result[] = [];
  for (const name of names) results.push(await clusterResult(name, options, programs));
  const lines = results.flatMap((result) => ('lines' in result ? result.lines : []));
  if (lines.length > 0) {
    process.stderr.write(`${lines.join('\n')}\n`);
    return 1;
  }
  for (const result of results) if ('app' in result) result.app.synth();
  return 0;
}
