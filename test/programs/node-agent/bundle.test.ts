import { expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { resolve } from 'node:path';

/** Bundled as the front ends do it. */
function bundle(format: 'cjs' | 'esm'): string {
  const [file] = buildSync({
    entryPoints: [resolve(__dirname, '../../../lib/programs/node-agent/main.ts')],
    bundle: true,
    minify: true,
    legalComments: 'none',
    platform: 'node',
    target: 'node20',
    format,
    write: false,
    logLevel: 'error',
  }).outputFiles;
  return file?.text ?? '';
}

test('the program is at most 200 KiB as text of a ConfigMap: kubectl keeps a copy of the object in an annotation', () => {
  expect(Buffer.byteLength(JSON.stringify(bundle('cjs')))).toBeLessThan(200 * 1024);
});

test('the program holds no fetch, which costs more memory than a node should give', () => {
  expect(bundle('cjs')).not.toMatch(/\bfetch\(/);
});

test('the program is whole in both formats: it needs no module but those of Node', () => {
  for (const format of ['cjs', 'esm'] as const) {
    const text = bundle(format);
    const names = [...text.matchAll(/(?:\brequire\(|\bfrom ?)["']([\w:@./-]+)["']/g)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => name?.startsWith('node:') !== true)).toEqual([]);
  }
});
