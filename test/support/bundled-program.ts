import { buildSync } from 'esbuild';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestProcess } from './process';

/** How a run of a program ended. */
export interface ProgramRun {
  readonly code: number | NodeJS.Signals;
  /** What it printed, a line each. */
  readonly lines: readonly string[];
}

/** A program of `lib/programs` as one file, which is how a container runs it. */
export class BundledProgram {
  private constructor(
    private readonly folder: string,
    readonly file: string,
  ) {}

  private readonly started: TestProcess[] = [];

  static async build(name: string): Promise<BundledProgram> {
    const folder = await mkdtemp(join(tmpdir(), `${name}-`));
    const outfile = join(folder, `${name}.mjs`);
    buildSync({
      entryPoints: [resolve(__dirname, `../../lib/programs/${name}/main.ts`)],
      outfile,
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'esm',
      logLevel: 'error',
    });
    return new BundledProgram(folder, outfile);
  }

  async start(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<TestProcess> {
    const started = await TestProcess.start({ command: process.execPath, args: [this.file, ...args], env });
    this.started.push(started);
    return started;
  }

  /** Runs it to its end. */
  async run(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<ProgramRun> {
    const started = await this.start(env, args);
    const code = await started.exited();
    return { code, lines: started.log.trimEnd().split('\n') };
  }

  /** Ends what is still running and removes the file. */
  async remove(): Promise<void> {
    for (const started of this.started) await started.stop();
    await rm(this.folder, { recursive: true });
  }
}

/** Waits until a process has printed this; throws with all that it printed when it ends before, or within 20 s. */
export async function printed(started: TestProcess, pattern: RegExp): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!pattern.test(started.log)) {
    if (!started.running || Date.now() > deadline)
      throw new Error(`not printed: ${pattern}, but:\n${started.log}`);
    await delay(20);
  }
}
