import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Programs } from '../../programs';
import { openProject } from './bundle-cache';

const folders = ['node-agent', 'create-container', 'check-htpasswd'] as const;

/** How a program of the cluster is bundled from `lib/programs/<folder>/main.ts`. */
export function programBuild(folder: (typeof folders)[number]) {
  return {
    entryPoints: [`lib/programs/${folder}/main.ts`],
    // The others stay readable: a person reviews them in the manifest.
    minify: folder === 'node-agent',
    legalComments: 'none' as const,
  };
}

async function programFile(packageRoot: string, folder: (typeof folders)[number]): Promise<string> {
  return existsSync(join(packageRoot, 'lib/index.ts'))
    ? openProject(packageRoot).bundle(`program-${folder}`, programBuild(folder))
    : join(packageRoot, `build/programs/${folder}.js`);
}

/** The programs that run in the cluster: bundled from their source, or as the published package has them. */
export async function loadPrograms(packageRoot: string): Promise<Programs> {
  const [nodeAgent, createContainer, checkHtpasswd] = await Promise.all(
    folders.map(async (folder) => readFileSync(await programFile(packageRoot, folder), 'utf8')),
  );
  if (nodeAgent === undefined || createContainer === undefined || checkHtpasswd === undefined) {
    throw new Error('a program is missing');
  }
  return { nodeAgent, createContainer, checkHtpasswd };
}
