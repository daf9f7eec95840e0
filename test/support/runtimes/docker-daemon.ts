import { dirname } from 'node:path';
import { findDebian, findTool } from '../tools';
import type { Login } from './cache-process';
import type { NodeProcess } from './node-process';
import type { PublicInternet } from './public-internet';
import type { TestNode } from './test-node';
import { askSocket } from './unix-http';

/** Which dockerd: Debian's 20.10, or 29 with one of its two image stores. */
export type DockerRelease = '20.10' | '29 classic' | '29 containerd';

/** The real parts that each release is made of. */
export const dockerParts: Readonly<Record<DockerRelease, readonly string[]>> = {
  '20.10': ['debian:docker.io', 'debian:containerd', 'debian:runc'],
  '29 classic': ['dockerd', 'containerd', 'debian:runc'],
  '29 containerd': ['dockerd', 'containerd', 'debian:runc'],
};

export interface DockerOptions {
  readonly node: TestNode;
  readonly internet: PublicInternet;
  readonly release: DockerRelease;
  /** Further flags of its command line. @default none */
  readonly args?: readonly string[];
}

/** A real dockerd on a node, with the default paths of its release; /etc/docker is the test's to fill. */
export class DockerDaemon {
  private constructor(
    private readonly options: DockerOptions,
    private process: NodeProcess,
  ) {}

  static async start(options: DockerOptions): Promise<DockerDaemon> {
    return new DockerDaemon(options, await launch(options, { awaited: true }));
  }

  /** Starts it and does not wait until it listens. */
  static async begin(options: DockerOptions): Promise<DockerDaemon> {
    return new DockerDaemon(options, await launch(options, { awaited: false }));
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

  /** Pulls an image through the API, as the docker command does; fails with dockerd's own words. */
  async pull(image: string, login?: Login): Promise<void> {
    const [, name = image, tag = 'latest'] = /^(.+?)(?::([\w.-]+))?$/.exec(image) ?? [];
    const auth = Buffer.from(JSON.stringify(login ?? {})).toString('base64url');
    const query = new URLSearchParams({ fromImage: name, tag }).toString();
    const { status, body } = await this.ask('POST', `/images/create?${query}`, undefined, {
      'X-Registry-Auth': auth,
    });
    if (status !== 200 || body.includes('"error"'))
      throw new Error(`pull of ${image}: ${status} ${body.trim()}`);
  }

  /** The mirrors that dockerd says it uses. */
  async mirrors(): Promise<string[]> {
    const info = await this.info();
    return info.RegistryConfig.Mirrors ?? [];
  }

  async info(): Promise<DockerInfo> {
    return JSON.parse((await this.ask('GET', '/info')).body) as DockerInfo;
  }

  /** Runs a container that sleeps, from an image of a test. */
  async runContainer(image: string): Promise<{ pid(): Promise<number> }> {
    const HostConfig = { NetworkMode: 'none' };
    const { Id } = JSON.parse(
      (await this.ask('POST', '/containers/create', { Image: image, HostConfig })).body,
    );
    const started = await this.ask('POST', `/containers/${String(Id)}/start`);
    if (started.status !== 204) throw new Error(`container of ${image}: ${started.body}`);
    return {
      pid: async () =>
        JSON.parse((await this.ask('GET', `/containers/${String(Id)}/json`)).body).State.Pid as number,
    };
  }

  async stop(): Promise<void> {
    await this.process.stop();
  }

  /** Ends it so that it leaves its socket and pid file behind. */
  async kill(): Promise<void> {
    await this.process.stop('SIGKILL');
  }

  signal(signal: NodeJS.Signals): void {
    this.process.signal(signal);
  }

  /** Stops it and starts it anew, as a reboot does; fails with its output when it does not come up. */
  async restart(): Promise<void> {
    await this.stop();
    this.process = await launch(this.options, { awaited: true });
  }

  private ask(method: string, path: string, body?: object, headers?: Readonly<Record<string, string>>) {
    return askSocket(socketOf(this.options.node), method, path, body, headers);
  }
}

export interface DockerInfo {
  readonly ServerVersion: string;
  readonly DriverStatus: readonly (readonly [string, string])[];
  readonly RegistryConfig: { readonly Mirrors: string[] | null };
}

const socketOf = (node: TestNode) => node.path('/run/docker.sock');

function launch(options: DockerOptions, { awaited }: { readonly awaited: boolean }): Promise<NodeProcess> {
  const { node, internet, release, args = [] } = options;
  const isDebian = release === '20.10';
  const modern = [
    `--feature=containerd-snapshotter=${String(release === '29 containerd')}`,
    // Debian's runc 1.1 has no time namespaces, https://github.com/moby/moby/pull/52326.
    '--feature=time-namespaces=false',
  ];
  // The network of this machine is left as it is: no bridge, no rules.
  const network = ['--bridge=none', '--iptables=false', '--ip6tables=false'];
  const path = isDebian ? [] : [dirname(findTool('containerd')), dirname(findTool('dockerd'))];
  return node.run({
    command: isDebian ? findDebian('docker.io') : findTool('dockerd'),
    args: [...network, `--cgroup-parent=${node.cgroup}`, ...(isDebian ? [] : modern), ...args],
    env: { ...internet.env, PATH: [...path, process.env['PATH'] ?? ''].join(':') },
    ...(awaited && { ready: async () => (await askSocket(socketOf(node), 'GET', '/_ping')).status === 200 }),
  });
}
