import { errorCode, type FileSystem } from '../disk/file-system';

/** A process of the node. */
export interface NodeProcess {
  readonly pid: number;
  readonly args: readonly string[];
}

/** USER_HZ, which is 100 wherever Kubernetes runs. */
const ticksPerSecond = 100;

/** The processes of the node, of which a container without hostPID sees only its own. */
export class ProcessTable {
  constructor(
    private readonly fs: FileSystem,
    private readonly folder = '/proc',
  ) {}

  /** Processes of root with a name, those in containers left out: a Pod may run a dockerd of its own. */
  find(name: string): NodeProcess[] {
    return this.fs
      .readdir(this.folder)
      .filter((entry) => /^\d+$/.test(entry))
      .flatMap((pid) => this.process(pid, name) ?? []);
  }

  /** Whether a process is still the one that was found. */
  isStill({ pid, args }: NodeProcess, name: string): boolean {
    const now = this.process(String(pid), name);
    return now !== undefined && now.args.join('\0') === args.join('\0');
  }

  /** Seconds since a process started; 0 when it is gone. */
  ageSeconds({ pid }: NodeProcess): number {
    // The name in brackets may hold spaces: the fields are counted from behind it.
    const started = this.read(String(pid), 'stat')?.split(') ').at(-1)?.split(' ')[19];
    const uptime = this.fs.readFile(`${this.folder}/uptime`).toString().split(' ')[0];
    return started === undefined ? 0 : Number(uptime) - Number(started) / ticksPerSecond;
  }

  private process(pid: string, name: string): NodeProcess | undefined {
    if (this.read(pid, 'comm')?.trim() !== name) return undefined;
    const status = this.read(pid, 'status') ?? '';
    const isRoot = /^Uid:\s+0\s/m.test(status);
    // A process of a container has a second number, that of its own namespace.
    const onNode = /^NSpid:\s+\d+\s*$/m.test(status);
    if (!isRoot || !onNode || /^State:\s+Z/m.test(status)) return undefined;
    const args = (this.read(pid, 'cmdline') ?? '').split('\0').filter((arg) => arg !== '');
    return { pid: Number(pid), args };
  }

  /** Undefined for a process that has ended meanwhile. */
  private read(pid: string, file: string): string | undefined {
    try {
      return this.fs.readFile(`${this.folder}/${pid}/${file}`).toString();
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      return undefined;
    }
  }
}

/** The values of a command-line flag: `--flag value` and `--flag=value`. */
export function flagValues(args: readonly string[], flag: string): string[] {
  return args.flatMap((arg, index) => {
    if (arg === flag) return args[index + 1] ?? [];
    return arg.startsWith(`${flag}=`) ? arg.slice(flag.length + 1) : [];
  });
}
