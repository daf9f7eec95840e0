/**
 * What synthesizing costs: 1, 10, 100 and 1,000 clusters in one process, and the four examples against a
 * Node.js that does nothing. Only ratios of one run are to be trusted.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

interface Cost {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

const project = resolve(__dirname, '../..');
const outdir = mkdtempSync(join(tmpdir(), 'docker-cache-bench-out-'));
const measured = join(__dirname, 'peak-memory.cjs');

/** CPU seconds and peak memory of a whole process, the middle one of several runs. */
function cost(cwd: string, args: readonly string[], runs: number): Cost {
  const costs = Array.from({ length: runs }, () => {
    // The shell sees what starting and ending cost too, the process itself its memory.
    const { status, stderr } = spawnSync(
      'bash',
      ['-c', 'TIMEFORMAT="%U %S"; time "$0" "$@"', process.execPath, '--require', measured, ...args],
      { cwd, encoding: 'utf8', env: { ...process.env, CDK8S_OUTDIR: outdir } },
    );
    if (status !== 0) throw new Error(stderr);
    const [peakMiB, user, system] = stderr.trim().split(/\s+/).slice(-3).map(Number);
    return { cpuSeconds: (user ?? NaN) + (system ?? NaN), peakMiB: peakMiB ?? NaN };
  }).sort((a, b) => a.cpuSeconds - b.cpuSeconds);
  const middle = costs[Math.floor(runs / 2)];
  if (middle === undefined) throw new Error('no run');
  return middle;
}

const row = (title: string, { cpuSeconds, peakMiB }: Cost): void => {
  console.log(`${title.padEnd(34)} ${cpuSeconds.toFixed(3).padStart(9)} ${peakMiB.toFixed(0).padStart(9)}`);
};

function projectWith(clusters: number): string {
  const root = mkdtempSync(join(tmpdir(), 'docker-cache-bench-'));
  for (const part of ['lib', 'stacks', 'package.json', 'tsconfig.json']) {
    cpSync(join(project, part), join(root, part), { recursive: true });
  }
  symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  const folder = join(root, 'stacks/clusters');
  const example = readFileSync(join(folder, 'filesystem.ts'), 'utf8');
  rmSync(folder, { recursive: true });
  mkdirSync(folder);
  for (let index = 1; index <= clusters; index++) {
    const name = `cluster-${String(index).padStart(4, '0')}`;
    writeFileSync(join(folder, `${name}.ts`), example.replace("name: 'filesystem'", `name: '${name}'`));
  }
  return root;
}

function synthCost(clusters: number, runs: number): Cost {
  const root = projectWith(clusters);
  try {
    cost(root, ['stacks/run.js'], 1);
    return cost(root, ['stacks/run.js'], runs);
  } finally {
    rmSync(root, { recursive: true });
  }
}

/** The same objects as a Helm chart without a template, where helm is there. */
function helmCost(): string {
  try {
    const version = execFileSync('helm', ['version', '--short'], { encoding: 'utf8' }).trim();
    return `helm ${version} is here: compare with \`helm template\` of a like chart`;
  } catch {
    return 'helm is not here, and is not compared';
  }
}

console.log(`${''.padEnd(34)} ${'CPU s'.padStart(9)} ${'peak MiB'.padStart(9)}`);
const nothing = cost(project, ['-e', '0'], 9);
row('node -e 0', nothing);
cost(project, ['stacks/run.js'], 1);
const examples = cost(project, ['stacks/run.js'], 9);
row('the four examples', examples);
const sizes = [1, 10, 100, 1000].map((clusters) => {
  const found = synthCost(clusters, clusters >= 1000 ? 1 : 3);
  row(`${clusters} cluster${clusters === 1 ? '' : 's'}`, found);
  return found;
});
const [, , hundred, thousand] = sizes;
if (hundred === undefined || thousand === undefined) throw new Error('no size');
console.log(
  `\nthe four examples ÷ node -e 0: ${(examples.cpuSeconds / nothing.cpuSeconds).toFixed(2)} (at most 4)`,
);
console.log(`1,000 clusters ÷ 100: ${(thousand.cpuSeconds / hundred.cpuSeconds).toFixed(2)} (at most 12)`);
console.log(helmCost());
rmSync(outdir, { recursive: true });
