import { createRequire } from 'node:module';
import { transformSync } from '@swc/core';
import * as library from '../../lib';
import type { Cluster } from '../../lib';

/** Runs the text of a cluster file with the library of the tests; what it exports. */
export function loadSource(text: string): Cluster {
  const { code } = transformSync(text, {
    filename: 'cluster.ts',
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const exported: { default?: Cluster } = {};
  const load = (name: string): unknown =>
    name === 'docker-cache' ? library : (createRequire(__filename)(name) as unknown);
  new Function('exports', 'require', code)(exported, load);
  if (exported.default === undefined) throw new Error('the file exports no cluster');
  return exported.default;
}
