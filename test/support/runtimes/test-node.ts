import { existsSync, readlinkSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm, rmdir, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TestProcess, type ProcessOptions } from '../process';
import { allPids, NodeProcess, statusField } from './node-process';

/** What is in the /etc of a test's node as it is on this machine. */
const ETC_FILES = ['os-release', 'passwd', 'group', 'nsswitch.conf', 'hosts', 'ld.so.cache'];

/**
 * The first process of the node: puts the node's folders in place, and from then on only collects ended processes.
 * Were a runtime itself the first one, the kernel would keep those signals from it that it has no handler for.
 */
const INIT = `
for folder in etc run var; do mount --bind "$0/$folder" "/$folder" || exit 1; done
touch /run/node-is-up
while :; do sleep 86400 & wait; done
`;

export interface NodeProcessOptions extends ProcessOptions {
  /** How many forks away the process itself is; one is needed to get into the node. @default 1 */
  readonly generations?: number;
}

/**
 * A node of a test: processes, mounts and the folders /etc, /run and /var of its own, so that real runtimes run on
 * their real default paths. Everything of it is gone when its first process is.
 */
export class TestNode {
  private readonly started: NodeProcess[] = [];

  private constructor(
    /** The folder whose `etc`, `run` and `var` are the node's. */
    readonly root: string,
    private readonly init: NodeProcess,
  ) {}

  static async start(): Promise<TestNode> {
    const root = await mkdtemp(join(tmpdir(), 'test-node-'));
    for (const folder of ['etc', 'run', 'var/lib', 'var/log', 'var/tmp'])
      await mkdir(join(root, folder), { recursive: true });
    await symlink('/run', join(root, 'var/run'));
    for (const name of ETC_FILES)
      if (existsSync(join('/etc', name)))
        await cp(join('/etc', name), join(root, 'etc', name), { dereference: true });
    const unshare = ['unshare', '--mount', '--pid', '--fork', '--mount-proc', '--kill-child', '--'];
    const outer = await TestProcess.start({
      // The kernel ends the node together with this process, even when there is no time to clean up.
      command: 'setpriv',
      args: ['--pdeathsig', 'KILL', ...unshare, 'sh', '-c', INIT, root],
      ready: () => Promise.resolve(existsSync(join(root, 'run/node-is-up'))),
    });
    return new TestNode(root, await NodeProcess.behind(outer, 1));
  }

  /** The path on this machine of a path on the node. */
  path(onNode: string): string {
    return join(this.root, onNode);
  }

  /** The cgroup for the node's containers; it is removed with the node. */
  get cgroup(): string {
    return `/${basename(this.root)}`;
  }

  /** Starts a process on the node. */
  async run({ generations = 1, ...options }: NodeProcessOptions): Promise<NodeProcess> {
    const outer = await TestProcess.start({
      ...options,
      command: 'nsenter',
      args: ['-t', String(this.init.pid), '-m', '-p', '--', options.command, ...(options.args ?? [])],
    });
    const started = await NodeProcess.behind(outer, generations);
    this.started.push(started);
    return started;
  }

  /** Runs a command on the node to its end; its output, and an error with it when it fails. */
  async exec(command: string, ...args: readonly string[]): Promise<string> {
    const outer = await TestProcess.start({
      command: 'nsenter',
      args: ['-t', String(this.init.pid), '-m', '-p', '--', command, ...args],
    });
    const end = await outer.exited();
    if (end !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${end}:\n${outer.log}`);
    return outer.log;
  }

  /** The processes of the node and of its containers, as this machine counts, by their number on the node. */
  processes(): Map<number, number> {
    const own = allPids().filter((pid) => this.owns(pid));
    return new Map(own.map((pid) => [statusField(pid, 'NSpid')[1] ?? 0, pid]));
  }

  /** Ends everything that runs on the node, and removes its folder and cgroups. */
  async stop(): Promise<void> {
    for (const process of this.started) process.signal('SIGCONT');
    await this.init.stop('SIGKILL');
    while (existsSync(`/proc/${this.init.pid}`)) await delay(5);
    await removeCgroups('/sys/fs/cgroup', basename(this.root));
    await rm(this.root, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }

  /** A process of the node itself, or a descendant of one: a container counts its processes anew. */
  private owns(pid: number): boolean {
    const namespace = namespaceOf(this.init.pid);
    for (
      let current: number | undefined = pid;
      current !== undefined;
      current = statusField(current, 'PPid')[0]
    )
      if (namespaceOf(current) === namespace) return true;
    return false;
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined; // it has ended
  }
}

/** Removes the named cgroup in every hierarchy (cgroup v1) or in the only one (v2). */
async function removeCgroups(mountPoint: string, name: string): Promise<void> {
  const hierarchies = [mountPoint, ...(await subfolders(mountPoint))];
  for (const hierarchy of hierarchies) await removeCgroup(join(hierarchy, name));
}

async function removeCgroup(path: string): Promise<void> {
  for (const child of await subfolders(path)) await removeCgroup(child);
  for (let tries = 0; existsSync(path); tries += 1) {
    try {
      await rmdir(path);
    } catch (error) {
      if (tries === 100) throw error;
      await delay(20); // the kernel is still ending its processes
    }
  }
}

async function subfolders(path: string): Promise<string[]> {
  if (!existsSync(path)) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}
