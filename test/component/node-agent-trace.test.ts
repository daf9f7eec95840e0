import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const hasStrace = spawnSync('strace', ['-V']).status === 0;
if (!hasStrace && process.env['CI'] === 'true') throw new Error('strace is missing');

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'node-agent-trace-'));
  const entry = resolve(__dirname, '../programs/node-agent/support/crash-child.ts');
  const outfile = join(folder, 'child.cjs');
  buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile,
    logLevel: 'error',
  });
  for (const name of ['host/etc/containerd', 'host/var/lib', 'proc'])
    mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(
    join(folder, 'host/etc/containerd/config.toml'),
    'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
  );
  const mirror = {
    host: 'docker.io',
    server: 'https://registry-1.docker.io',
    endpoint: { type: 'url', url: 'http://10.0.0.5:5000' },
    upstreamHeader: 'optional',
  };
  const config = {
    version: 1,
    mode: 'apply',
    pool: 'nodes',
    runtime: { type: 'containerd' },
    mirrors: [mirror],
  };
  writeFileSync(join(folder, 'config.json'), JSON.stringify(config));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The system calls on the node's files, with the file that each descriptor stands for. */
function trace(operation: 'apply' | 'restore'): string[] {
  const order = { folders: [folder], operations: [operation], file: 'config.json', killAt: 0 };
  const log = join(folder, `${operation}.strace`);
  const calls = 'trace=fsync,rename,renameat2,unlink,unlinkat,write,pwrite64';
  execFileSync('strace', [
    '-f',
    '-y',
    '-o',
    log,
    '-e',
    calls,
    process.execPath,
    join(folder, 'child.cjs'),
    JSON.stringify(order),
  ]);
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line.includes(join(folder, 'host')))
    .map((line) => line.replace(/^\d+\s+/, '').replaceAll(join(folder, 'host'), ''));
}

/** Where a call on a path stands in a trace. */
function at(calls: readonly string[], call: RegExp): number {
  const index = calls.findIndex((line) => call.test(line));
  expect([String(call), index >= 0]).toEqual([String(call), true]);
  return index;
}

(hasStrace ? test : test.skip)(
  'the kernel sees fsync before rename, and the record on the disk before the first change (strace)',
  () => {
    const calls = trace('apply');
    const order = [
      at(calls, /^p?write\w*\(\d+<\/var\/lib\/docker-cache\/\.record\.json/),
      at(calls, /^fsync\(\d+<\/var\/lib\/docker-cache\/\.record\.json/),
      at(calls, /^rename\w*\(.*record\.json"/),
      at(calls, /^fsync\(\d+<\/var\/lib\/docker-cache>/),
      at(calls, /^p?write\w*\(\d+<\/etc\/containerd\/certs\.d\/docker\.io\/\.hosts\.toml/),
      at(calls, /^fsync\(\d+<\/etc\/containerd\/certs\.d\/docker\.io\/\.hosts\.toml/),
      at(calls, /^rename\w*\(.*docker\.io\/hosts\.toml"/),
      calls.findLastIndex((line) => /^fsync\(\d+<\/etc\/containerd\/certs\.d\/docker\.io>/.test(line)),
    ];
    expect(order).toEqual([...order].sort((one, other) => one - other));

    const back = trace('restore');
    expect(at(back, /^unlink\w*\(.*docker\.io\/hosts\.toml"/)).toBeLessThan(
      at(back, /^unlink\w*\(.*record\.json"/),
    );
  },
);
