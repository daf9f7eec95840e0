import type { MemoryFileSystem } from './memory-file-system';
import type { TestDocker } from './test-agent';

export interface TestDockerdOptions {
  readonly pid?: number;
  readonly args?: readonly string[];
  readonly imageStore?: 'classic' | 'containerd';
}

/** A dockerd that reads daemon.json as the real one does: when it starts, and at SIGHUP but for a key that is gone. */
export class TestDockerd implements TestDocker {
  mirrors: readonly string[] = [];
  answers = true;
  imageStore: 'classic' | 'containerd';
  private readonly pid: number;

  constructor(
    private readonly fs: MemoryFileSystem,
    { pid = 4242, args = [], imageStore = 'classic' }: TestDockerdOptions = {},
  ) {
    this.pid = pid;
    this.imageStore = imageStore;
    fs.folders('/host/etc/docker').folders('/host/var/lib').socket('/host/run/docker.sock');
    fs.put('/host/run/docker.pid', `${pid}\n`);
    this.process({ args: ['/usr/bin/dockerd', ...args] });
    this.read();
  }

  readonly api = {
    ping: () => Promise.resolve(this.answers),
    info: () =>
      this.answers
        ? Promise.resolve({ mirrors: this.mirrors.map((url) => `${url}/`), imageStore: this.imageStore })
        : Promise.reject(new Error('dockerd does not answer')),
  };

  hangUp(pid: number): void {
    if (pid !== this.pid) throw new Error(`${pid} is not dockerd`);
    if (!this.answers) throw new Error('SIGHUP ended dockerd, which was starting');
    this.read();
  }

  /** What dockerd does when it starts; throws when it would not. */
  start(): void {
    this.mirrors = [];
    if (!this.read()) throw new Error('dockerd does not start');
  }

  /** Shows a process below /proc. */
  process({
    args,
    uid = 0,
    nsPid = String(this.pid),
  }: {
    args: readonly string[];
    uid?: number;
    nsPid?: string;
  }): void {
    const folder = `/proc/${this.pid}`;
    this.fs.put(`${folder}/comm`, 'dockerd\n');
    this.fs.put(`${folder}/status`, `State:\tS\nUid:\t${uid}\t${uid}\t${uid}\t${uid}\nNSpid:\t${nsPid}\n`);
    this.fs.put(`${folder}/cmdline`, `${args.join('\0')}\0`);
  }

  private read(): boolean {
    const link = this.fs.lstat('/host/etc/docker/daemon.json')?.type === 'link';
    const path = link ? this.fs.readlink('/host/etc/docker/daemon.json') : '/etc/docker/daemon.json';
    const text = this.fs.text(`/host${path}`);
    if (text === undefined) return true;
    try {
      const { 'registry-mirrors': mirrors, ...rest } = JSON.parse(text) as Record<string, unknown>;
      if ('nonsense' in rest) return false;
      if (Array.isArray(mirrors)) this.mirrors = mirrors.map((url) => String(url).replace(/\/$/, ''));
      return true;
    } catch {
      return false;
    }
  }
}
