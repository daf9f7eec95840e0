import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const project = resolve(__dirname, '../..');

describe('the package that others install', () => {
  let folder: string;
  let packed: readonly string[];
  const run = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docker-cache-package-'));
    execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: project });
    const [tarball] = JSON.parse(
      execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
        cwd: project,
        encoding: 'utf8',
      }),
    ) as { filename: string; files: { path: string }[] }[];
    if (tarball === undefined) throw new Error('nothing was packed');
    packed = tarball.files.map(({ path }) => path);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }');
    run(
      'npm',
      'install',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `./${tarball.filename}`,
      'typescript@5.9.3',
    );
    mkdirSync(join(folder, 'stacks/clusters'), { recursive: true });
    writeFileSync(
      join(folder, 'stacks/clusters/mine.ts'),
      `import { type Cluster, NodeRuntime, StorageBackend } from 'docker-cache';

       export default {
         name: 'mine',
         cache: { storage: StorageBackend.hostPath({ node: 'node-1' }) },
         nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.containerd() }] },
       } satisfies Cluster;
      `,
    );
  }, 300_000);
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('holds JavaScript, types and the programs, and neither tests nor sources', () => {
    expect(packed).toEqual(
      expect.arrayContaining([
        'build/index.js',
        'build/index.d.ts',
        'build/node-agent.mjs',
        'build/programs/node-agent.js',
        'bin/docker-cache.js',
        'README.md',
        'LICENSE',
      ]),
    );
    expect(packed.filter((path) => /(^|\/)(test|stacks|scripts)\/|\.test\.|[^d]\.ts$/.test(path))).toEqual(
      [],
    );
  });

  it('type-checks a cluster file, and finds what is wrong with one', () => {
    const check = (file: string): string =>
      run(
        'npx',
        'tsc',
        '--noEmit',
        '--skipLibCheck',
        '--strict',
        '--module',
        'node16',
        '--target',
        'es2022',
        file,
      );
    expect(check('stacks/clusters/mine.ts')).toBe('');
    const wrong = readFileSync(join(folder, 'stacks/clusters/mine.ts'), 'utf8').replace("'plan'", "'aply'");
    writeFileSync(join(folder, 'wrong.ts'), wrong);
    expect(() => check('wrong.ts')).toThrow();
  });

  it('synthesizes that cluster with its own command, programs included', () => {
    run('npx', 'docker-cache', 'synth', 'mine', '--out', 'dist');
    const manifest = readFileSync(join(folder, 'dist/mine.k8s.yaml'), 'utf8');
    expect(manifest).toContain('kind: DaemonSet');
    expect(manifest).toContain('node-agent.cjs: ');
    expect(manifest.length).toBeGreaterThan(100_000);
  });
});
