import { dirname, join } from 'node:path';
import { findDebian, findTool } from '../tools';
import { TestProcess } from '../process';
import type { Login } from './cache-process';
import type { NodeProcess } from './node-process';
import type { PublicInternet } from './public-internet';
import type { TestNode } from './test-node';

/** Which containerd: Debian's 1.6, or 2.4. */
export type ContainerdRelease = '1.6' | '2.4';

/** The real parts that each release is made of. */
export const containerdParts: Readonly<Record<ContainerdRelease, readonly string[]>> = {
  '1.6': ['cri-pull', 'debian:containerd', 'debian:runc'],
  '2.4': ['cri-pull', 'containerd', 'debian:runc'],
};

/** The plugin whose `registry.config_path` each release reads. */
export const registryPlugin: Readonly<Record<ContainerdRelease, string>> = {
  '1.6': 'io.containerd.grpc.v1.cri',
  '2.4': 'io.containerd.cri.v1.images',
};

export interface ContainerdOptions {
  readonly node: TestNode;
  readonly internet: PublicInternet;
  readonly release: ContainerdRelease;
  /** Where its configuration is on the node. @default /etc/containerd/config.toml */
  readonly configFile?: string;
  /** Where it listens on the node, as its configuration says. @default /run/containerd/containerd.sock */
  readonly socket?: string;
}

/** The config.toml of a node, with `config_path` as given; undefined leaves the release's default. */
export function configToml(release: ContainerdRelease, configPath: string | undefined): string {
  const version = release === '1.6' ? 2 : 3;
  const registry =
    configPath === undefined
      ? ''
      : `\n[plugins."${registryPlugin[release]}".registry]\n  config_path = ${JSON.stringify(configPath)}\n`;
  return `# written by the node's administrator\nversion = ${version}\n${registry}`;
}

/** A real containerd on a node, asked over CRI as the kubelet asks it; its configuration is the test's to write. */
export class ContainerdDaemon {
  private constructor(
    private readonly options: ContainerdOptions,
    private process: NodeProcess,
  ) {}

  static async start(options: ContainerdOptions): Promise<ContainerdDaemon> {
    return new ContainerdDaemon(options, await launch(options));
  }

  /** The pid as this machine counts; another one after a restart. */
  get pid(): number {
    return this.process.pid;
  }

  get running(): boolean {
    return this.process.running;
  }

  get log(): string {
    return this.process.log;
  }

  /** Pulls an image as the kubelet does; fails with containerd's own words. */
  async pull(image: string, pullSecret?: Login): Promise<void> {
    const pull = await TestProcess.start({
      command: findTool('cri-pull'),
      args: [socketOf(this.options), 'pull', image],
      env: pullSecret ? { CRI_USERNAME: pullSecret.username, CRI_PASSWORD: pullSecret.password } : {},
    });
    if ((await pull.exited()) !== 0) throw new Error(`pull of ${image}: ${pull.log.trim()}`);
  }

  /** Runs a container that sleeps, from an image that was pulled. */
  async runContainer(image: string): Promise<{ pid(): Promise<number> }> {
    const name = `sleeper-${image.replace(/\W/g, '-')}`;
    await this.ctr('run', '--detach', '--cgroup', join(this.options.node.cgroup, name), image, name);
    return {
      pid: async () =>
        Number(new RegExp(`^${name}\\s+(\\d+)\\s+RUNNING`, 'm').exec(await this.ctr('tasks', 'ls'))?.[1]),
    };
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  /** Stops it and starts it anew, as a reboot does; fails with its output when it does not come up. */
  async restart(): Promise<void> {
    await this.stop();
    this.process = await launch(this.options);
  }

  private ctr(...args: readonly string[]): Promise<string> {
    const { node, release, socket = '/run/containerd/containerd.sock' } = this.options;
    const command = release === '1.6' ? '/usr/bin/ctr' : findTool('ctr');
    return node.exec(command, '-a', socket, '-n', 'k8s.io', ...args);
  }
}

const socketOf = ({ node, socket = '/run/containerd/containerd.sock' }: ContainerdOptions) =>
  node.path(socket);

async function launch(options: ContainerdOptions): Promise<NodeProcess> {
  const { node, internet, release, configFile } = options;
  const command = release === '1.6' ? findDebian('containerd') : findTool('containerd');
  return node.run({
    command,
    args: configFile === undefined ? [] : ['--config', configFile],
    env: { ...internet.env, PATH: `${dirname(command)}:${process.env['PATH'] ?? ''}` },
    ready: () => criAnswers(options),
  });
}

async function criAnswers(options: ContainerdOptions): Promise<boolean> {
  const list = await TestProcess.start({ command: findTool('cri-pull'), args: [socketOf(options), 'list'] });
  return (await list.exited()) === 0;
}
