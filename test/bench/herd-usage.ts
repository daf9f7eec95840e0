import { readFileSync } from 'node:fs';

/** Clock ticks of /proc, a second: `getconf CLK_TCK`. */
const ticks = 100;

/** The processes and all that they have started. */
function withChildren(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => {
    try {
      const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
      return [pid, ...withChildren(text === '' ? [] : text.split(' ').map(Number))];
    } catch {
      return [];
    }
  });
}

/** CPU seconds that they have used so far. */
export function cpuSeconds(pids: readonly number[]): number {
  return withChildren(pids).reduce((sum, pid) => {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return sum + (Number(fields[11]) + Number(fields[12])) / ticks;
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
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
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
