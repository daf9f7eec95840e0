import { createRequire } from 'node:module';
import { relative } from 'node:path';
import type { BuildFailure, Plugin } from 'esbuild';
import type { Project } from './bundle-cache';
import { ClusterFileError } from './cluster-files';

/** Gives cluster files the library that runs already instead of a copy of it. */
function runningLibrary(root: string, libraryFile: string): Plugin {
  return {
    name: 'running-library',
    setup: (build) => {
      build.onResolve({ filter: /^docker-cache$/ }, () => ({ path: libraryFile, external: true }));
      build.onResolve({ filter: /^\.{1,2}\// }, async ({ path, resolveDir, kind, pluginData }) => {
        if (pluginData === resolving) return undefined;
        const found = await build.resolve(path, { resolveDir, kind, pluginData: resolving });
        const isLibrary = relative(root, found.path) === 'lib/index.ts';
        return isLibrary ? { path: libraryFile, external: true } : found;
      });
    },
  };
}

const resolving = Symbol('the question is our own');

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
 * Loads a TypeScript file that uses the library.
 *
 * @throws ClusterFileError with the reason, when it cannot be read, parsed or run
 */
export async function loadModule(
  { root, bundle }: Project,
  file: string,
  libraryFile: string,
): Promise<{ default?: unknown }> {
  try {
    const built = await bundle(relative(root, file), {
      entryPoints: [file],
      plugins: [runningLibrary(root, libraryFile)],
    });
    return createRequire(built)(built) as { default?: unknown };
  } catch (error) {
    throw new ClusterFileError(`does not load: ${firstLine(error)}`);
  }
}
