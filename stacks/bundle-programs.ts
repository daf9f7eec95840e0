import { readFileSync } from 'node:fs';
import type { Programs } from '../lib';
import type { Project } from './bundle-cache';

async function program({ bundle }: Project, folder: string): Promise<string> {
  const file = await bundle(`program-${folder}`, {
    entryPoints: [`lib/programs/${folder}/main.ts`],
    // The others stay readable: a person reviews them in the manifest.
    minify: folder === 'node-agent',
    legalComments: 'none',
  });
  return readFileSync(file, 'utf8');
}

/** The programs that run in the cluster, bundled from their source. */
export async function bundlePrograms(project: Project): Promise<Programs> {
  const [nodeAgent, createContainer, checkHtpasswd] = await Promise.all(
    ['node-agent', 'create-container', 'check-htpasswd'].map((folder) => program(project, folder)),
  );
  if (nodeAgent === undefined || createContainer === undefined || checkHtpasswd === undefined) {
    throw new Error('a program is missing');
  }
  return { nodeAgent, createContainer, checkHtpasswd };
}
