import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type { BuildFailure, Plugin } from 'esbuild';
import type { Cluster } from '../../cluster';
import type { Project } from './bundle-cache';
import { clusterFile, ClusterFileError, clusterOfModule } from './cluster-files';

/** The library that runs, which cluster files share. */
export interface RunningLibrary {
  /** The folder of its package. */
  readonly root: string;
  /** The file that it was loaded from. */
  readonly file: string;
}

/** Where clusters are loaded from. */
export interface ClusterFolder {
  readonly project: Project;
  /** The folder of the cluster files. */
  readonly folder: string;
  readonly library: RunningLibrary;
}

const resolving = Symbol('the question is our own');

/** Gives cluster files the library that runs already instead of a copy of it. */
function runningLibrary({ root, file }: RunningLibrary): Plugin {
  return {
    // esbuild's options are the bundle's key in the cache, and functions are no part of a key.
    name: `running-library ${file}`,
    setup: (build) => {
      build.onResolve({ filter: /^docker-cache$/ }, () => ({ path: file, external: true }));
      build.onResolve({ filter: /^\.{1,2}\// }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === resolving) return undefined;
        const found = await build.resolve(path, { resolveDir, kind, pluginData: resolving });
        return found.path === join(root, 'lib/index.ts') ? { path: file, external: true } : found;
      });
    },
  };
}

function isBuildFailure(error: unknown): error is BuildFailure {
  return error instanceof Error && 'errors' in error;
}

function firstLine(error: unknown): string {
  if (isBuildFailure(error)) {
    return error.errors
      .map(({ text, location }) => (location === null ? text : `line ${location.line}: ${text}`))
      .join('; ');
  }
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

/**
 * Loads one cluster of a folder by its name.
 *
 * @throws ClusterFileError with the reason, when its file cannot be read, parsed or run, or holds another
 */
export async function loadCluster(
  { project, folder, library }: ClusterFolder,
  name: string,
): Promise<Cluster> {
  const file = clusterFile(folder, name);
  let module: { readonly default?: unknown };
  try {
    const built = await project.bundle(relative(project.root, file), {
      entryPoints: [file],
      plugins: [runningLibrary(library)],
    });
    module = createRequire(built)(built);
  } catch (error) {
    throw new ClusterFileError(`does not load: ${firstLine(error)}`);
  }
  return clusterOfModule(name, module);
}
