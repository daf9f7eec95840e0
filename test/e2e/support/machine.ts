import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProcessOptions } from '../../support/process';
import type { NodeProcess } from '../../support/runtimes/node-process';
import { TestNode } from '../../support/runtimes/test-node';
import { outputOf } from './command';
import { site } from './site';

/** Kernel settings that a kubelet writes and that belong to the whole machine, not to a namespace. */
const SHIELDED = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/**
 * A machine of the test: processes, mounts, folders and network of its own, joined to this one by a cable. The kernel
 * ends all of it with the test, even when the test is killed.
 */
export class Machine {
  private constructor(
    readonly node: TestNode,
    private readonly network: NodeProcess,
  ) {}

  static async start(): Promise<Machine> {
    // Who outlives this process ends it by its number when the run is killed.
    await writeFile(join(tmpdir(), `worker-${process.pid}`), '');
    const node = await TestNode.start();
    try {
      const network = await node.run({
        command: 'unshare',
        args: ['--net', 'sh', '-c', 'touch /run/network-is-up; exec sleep 86400'],
        ready: () => Promise.resolve(existsSync(node.path('/run/network-is-up'))),
      });
      const machine = new Machine(node, network);
      // Debian's iptables is a link into this folder.
      await cp('/etc/alternatives', node.path('/etc/alternatives'), {
        recursive: true,
        verbatimSymlinks: true,
      });
      await machine.plugIn();
      await machine.shieldKernelSettings();
      await machine.makeCgroups();
      return machine;
    } catch (error) {
      await node.stop();
      throw error;
    }
  }

  /** The path on this machine of a path there. */
  path(there: string): string {
    return this.node.path(there);
  }

  /** The cgroup below which everything of the machine's Pods is. */
  get cgroup(): string {
    return this.node.cgroup;
  }

  /** Starts a process there. */
  run(options: ProcessOptions): Promise<NodeProcess> {
    const { command, args = [], ...rest } = options;
    return this.node.run({ ...rest, command: 'nsenter', args: [...this.intoNetwork, command, ...args] });
  }

  /** Runs a command there to its end; its output, and an error with it when it fails. */
  exec(command: string, ...args: readonly string[]): Promise<string> {
    return this.node.exec('nsenter', ...this.intoNetwork, command, ...args);
  }

  /** Writes a file there. */
  async write(path: string, text: string, mode = 0o644): Promise<void> {
    const file = this.path(path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, text, { mode });
  }

  async read(path: string): Promise<string> {
    return readFile(this.path(path), 'utf8');
  }

  /** Ends everything that runs there and removes what belongs to it. */
  stop(): Promise<void> {
    return this.node.stop();
  }

  private get intoNetwork(): string[] {
    return [`--net=/proc/${this.network.pidOnNode}/ns/net`, '--'];
  }

  private async plugIn(): Promise<void> {
    const { hostAddress, nodeAddress, prefix } = site;
    const there = String(this.network.pid);
    await outputOf('ip', ['link', 'add', site.cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', there]);
    await outputOf('ip', ['address', 'add', `${hostAddress}/${prefix}`, 'dev', site.cable]);
    await outputOf('ip', ['link', 'set', site.cable, 'up']);
    await this.exec('ip', 'link', 'set', 'lo', 'up');
    await this.exec('ip', 'address', 'add', `${nodeAddress}/${prefix}`, 'dev', 'eth0');
    await this.exec('ip', 'link', 'set', 'eth0', 'up');
    await this.exec('ip', 'route', 'add', 'default', 'via', hostAddress);
  }

  /** Gives the kubelet files to write to in the place of the kernel's settings. */
  private async shieldKernelSettings(): Promise<void> {
    for (const name of SHIELDED) {
      const copy = `/run/kernel-settings/${name}`;
      await this.write(copy, await readFile(join('/proc/sys', name), 'utf8'));
      await this.exec('mount', '--bind', copy, join('/proc/sys', name));
    }
  }

  /** The kubelet wants its root cgroup to exist, in every hierarchy where there are several. */
  private async makeCgroups(): Promise<void> {
    const root = '/sys/fs/cgroup';
    const isUnified = existsSync(join(root, 'cgroup.controllers'));
    const hierarchies = isUnified ? [root] : readdirSync(root).map((name) => join(root, name));
    for (const hierarchy of hierarchies) {
      await mkdir(join(hierarchy, this.cgroup), { recursive: true });
      // A cpuset is born empty, and nothing can run in it.
      if (!hierarchy.endsWith('cpuset')) continue;
      for (const name of ['cpuset.cpus', 'cpuset.mems'])
        await writeFile(join(hierarchy, this.cgroup, name), await readFile(join(hierarchy, name), 'utf8'));
    }
  }
}
