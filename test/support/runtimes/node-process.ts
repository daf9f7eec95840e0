import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestProcess } from '../process';

/** A process on a test's node: what started it waits outside, and the signals are for the one inside. */
export class NodeProcess {
  private constructor(
    private readonly outer: TestProcess,
    private readonly inner: number | undefined,
  ) {}

  /** Finds the process that `outer` became the parent of, so many generations down, unless it has ended already. */
  static async behind(outer: TestProcess, generations: number): Promise<NodeProcess> {
    let [parent, pid]: (number | undefined)[] = [undefined, outer.pid];
    for (let generation = 0; generation < generations && pid !== undefined; generation += 1)
      [parent, pid] = [pid, await childOf(pid, outer)];
    // Until then it is still a copy of its parent.
    while (outer.running && pid !== undefined && programOf(pid) === programOf(parent)) await delay(2);
    return new NodeProcess(outer, pid);
  }

  /** The process as this machine counts. */
  get pid(): number {
    if (this.inner === undefined) throw new Error(`${this.outer.name} has ended:\n${this.log}`);
    return this.inner;
  }

  /** The process as its node counts. */
  get pidOnNode(): number {
    const inner = statusField(this.pid, 'NSpid').at(-1);
    if (inner === undefined) throw new Error(`${this.outer.name} has ended:\n${this.log}`);
    return inner;
  }

  /** Everything that it wrote to stdout and stderr so far. */
  get log(): string {
    return this.outer.log;
  }

  get running(): boolean {
    return this.outer.running;
  }

  exited(): Promise<number | NodeJS.Signals> {
    return this.outer.exited();
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.running) return;
    try {
      process.kill(this.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // it has ended this moment
    }
    // What started it stops with it, and would not notice its end.
    if (signal === 'SIGCONT' || signal === 'SIGKILL') this.outer.signal('SIGCONT');
  }

  /** Sends the signal, and SIGKILL when the process is still there after 10 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.signal(signal);
    const killer = setTimeout(() => this.signal('SIGKILL'), 10_000);
    await this.exited();
    clearTimeout(killer);
  }
}

async function childOf(parent: number, outer: TestProcess): Promise<number | undefined> {
  while (outer.running) {
    const child = allPids().find((pid) => statusField(pid, 'PPid')[0] === parent);
    if (child !== undefined) return child;
    await delay(5);
  }
  return undefined;
}

function programOf(pid: number | undefined): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/exe`);
  } catch {
    return undefined; // it has ended
  }
}

/** Every process that this machine sees. */
export function allPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** The numbers of one line of `/proc/PID/status`; none when the process has ended. */
export function statusField(pid: number, name: string): number[] {
  try {
    const line = readFileSync(`/proc/${pid}/status`, 'utf8')
      .split('\n')
      .find((text) => text.startsWith(`${name}:`));
    return line === undefined ? [] : line.trim().split(/\s+/).slice(1).map(Number);
  } catch {
    return [];
  }
}
