/**
 * Builds what others install: JavaScript and types of the library, and the programs that run in the
 * cluster, one file each. `node build/node-agent.mjs` is the agent for a machine without Kubernetes.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const common = { absWorkingDir: root, bundle: true, platform: 'node', target: 'node20', logLevel: 'warning' };

rmSync(new URL('../build', import.meta.url), { recursive: true, force: true });
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  cwd: root,
  stdio: 'inherit',
});
for (const program of ['node-agent', 'create-container', 'check-htpasswd']) {
  await build({
    ...common,
    entryPoints: [`lib/programs/${program}/main.ts`],
    format: 'cjs',
    legalComments: 'none',
    minify: program === 'node-agent',
    outfile: `build/programs/${program}.js`,
  });
}
await build({
  ...common,
  entryPoints: ['lib/programs/node-agent/main.ts'],
  format: 'esm',
  outfile: 'build/node-agent.mjs',
});
