import { readFileSync } from 'node:fs';

/** Clock ticks of /proc, a second: `getconf CLK_TCK`. */
const ticks = 100;

/** A file of a process; empty when it has ended meanwhile, as a credential helper does at once. */
function procFile(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}

/** The processes and all that they have started. */
function withChildren(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => {
    const text = procFile(pid, `task/${pid}/children`).trim();
    return [pid, ...withChildren(text === '' ? [] : text.split(' ').map(Number))];
  });
}

/** CPU seconds that they have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return withChildren(pids).reduce((sum, pid) => {
    const fields = procFile(pid, 'stat')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticks;
  }, 0);
}

/** Resident memory of processes in MiB. */
export interface Memory {
  /** What only they can hold. */
  readonly anonymous: number;
  /** Files, which the kernel can drop. */
  readonly mapped: number;
}

/** Memory that they hold now. */
export function memory(pids: readonly number[]): Memory {
  let [anonymous, mapped] = [0, 0];
  for (const pid of withChildren(pids)) {
    const text = procFile(pid, 'smaps_rollup');
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    anonymous += kilobytes('Anonymous') / 1024;
    mapped += (kilobytes('Rss') - kilobytes('Anonymous')) / 1024;
  }
  return { anonymous, mapped };
}

/** Looks at the memory of processes five times a second until it is stopped. */
export class PeakMemory {
  private peak: Memory = { anonymous: 0, mapped: 0 };
  private readonly timer: NodeJS.Timeout;

  constructor(pids: readonly number[]) {
    this.timer = setInterval(() => {
      const now = memory(pids);
      this.peak = {
        anonymous: Math.max(this.peak.anonymous, now.anonymous),
        mapped: Math.max(this.peak.mapped, now.mapped),
      };
    }, 200);
  }

  stop(): Memory {
    clearInterval(this.timer);
    return this.peak;
  }
}
