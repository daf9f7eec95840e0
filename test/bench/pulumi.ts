/**
 * What `pulumi preview` of one cluster costs: the CLI and this project's program. The providers are
 * stand-ins and do not count. Needs `bash test/tools/build.sh pulumi`.
 */
import './without-jest';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EngineProject } from '../pulumi/engine-project';

interface Usage {
  readonly cpuSeconds: number;
  readonly peakMiB: number;
}

const runs = 5;
const wanted = 3.5;
const ticksPerSecond = Number(spawnSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }).stdout);

/** What a process has used by itself so far, or undefined when it has ended. */
function usageOf(pid: number): Usage | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (peak === undefined) return undefined;
    return {
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond,
      peakMiB: Number(peak) / 1024,
    };
  } catch {
    return undefined;
  }
}

async function preview(project: EngineProject, stack: string, usageFile: string) {
  const child = spawn('pulumi', ['preview', '--non-interactive', '--stack', stack], {
    cwd: project.folder,
    env: { ...process.env, ...project.env, USAGE_FILE: usageFile },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  let cli: Usage = { cpuSeconds: NaN, peakMiB: NaN };
  const sampling = setInterval(() => {
    cli = usageOf(child.pid ?? 0) ?? cli;
  }, 20);
  const [code] = (await once(child, 'exit')) as [number | null];
  clearInterval(sampling);
  if (code !== 0) throw new Error(output);
  const program = JSON.parse(readFileSync(usageFile, 'utf8')) as Usage;
  rmSync(usageFile);
  return { cli, program };
}

const row = (title: string, { cpuSeconds, peakMiB }: Usage) => {
  console.log(`${title.padEnd(30)} ${cpuSeconds.toFixed(2).padStart(8)} ${peakMiB.toFixed(0).padStart(9)}`);
};

async function main(): Promise<void> {
  const project = new EngineProject({ STUB_ACCOUNT_KEY: 'c3R1Yg==' });
  try {
    const usageFile = join(project.folder, 'usage.json');
    const settings = join(project.folder, 'Pulumi.yaml');
    const usage = `--import tsx --require ${join(__dirname, 'usage-at-exit.cjs')}`;
    writeFileSync(settings, readFileSync(settings, 'utf8').replace('--import tsx', usage));
    console.log(`${''.padEnd(30)} ${'CPU s'.padStart(8)} ${'peak MiB'.padStart(9)}`);
    for (const name of ['filesystem', 'azure']) {
      const stack = await project.createStack(name);
      await stack.setConfig('context', { value: 'bench' });
      if (name === 'azure') await stack.setAllConfig({ 'azure.resourceGroup': { value: 'bench' } }, true);
      await preview(project, name, usageFile);
      const found: Awaited<ReturnType<typeof preview>>[] = [];
      for (let run = 0; run < runs; run++) found.push(await preview(project, name, usageFile));
      const sum = ({ cli, program }: (typeof found)[number]) => cli.cpuSeconds + program.cpuSeconds;
      const middle = found.sort((a, b) => sum(a) - sum(b))[Math.floor(runs / 2)];
      if (middle === undefined) throw new Error('no run');
      row(`${name}: the program`, middle.program);
      row(`${name}: the CLI`, middle.cli);
      console.log(`${`${name}: both`.padEnd(30)} ${sum(middle).toFixed(2).padStart(8)} (at most ${wanted})`);
    }
  } finally {
    project.remove();
  }
}

void main();
