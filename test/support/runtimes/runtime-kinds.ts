import { NodeRuntime, type ContainerdOptions } from '../../../lib/node-runtime';
import type { Login } from './cache-process';
import {
  configToml,
  containerdParts,
  type ContainerdDaemon,
  type ContainerdRelease,
} from './containerd-daemon';
import { dockerParts, type DockerDaemon, type DockerRelease } from './docker-daemon';
import type { TestSite } from './test-site';

/** A runtime that runs on a node, whatever it is. */
export interface RunningRuntime {
  readonly pid: number;
  pull(image: string, login?: Login): Promise<void>;
  runContainer(image: string): Promise<{ pid(): Promise<number> }>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** A kind of node: its runtime, and how its pool's agent is set up. */
export interface RuntimeKind<R extends RunningRuntime = RunningRuntime> {
  readonly title: string;
  /** The real parts that it needs, besides a registry. */
  readonly parts: readonly string[];
  readonly runtime: NodeRuntime;
  /** What an administrator wrote, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The file that holds the mirror of Docker Hub. */
  readonly file: string;
  start(site: TestSite): Promise<R>;
}

/** Odd on purpose: tabs, an umlaut, keys on lines of their own and two on one, no line end. */
export const daemonJson =
  '{\n\t"log-driver":   "json-file",\n  "labels": ["größe=1"], "max-concurrent-downloads": 2\n}';

/** A node with docker, and with further flags of dockerd's command line. */
export function dockerKind(release: DockerRelease, args: readonly string[] = []): RuntimeKind<DockerDaemon> {
  const isClassic = release !== '29 containerd';
  return {
    title: `dockerd ${release}`,
    parts: dockerParts[release],
    runtime: NodeRuntime.docker({ imageStore: isClassic ? 'classic' : 'containerd' }),
    files: { '/etc/docker/daemon.json': daemonJson },
    file: isClassic ? '/etc/docker/daemon.json' : '/etc/docker/certs.d/docker.io/hosts.toml',
    start: (site) => site.docker({ release, args }),
  };
}

/** A node with containerd, and with a `config_path` or the default of its release. */
export function containerdKind(
  release: ContainerdRelease,
  configPath: string | 'default' = '/etc/containerd/certs.d',
  options?: ContainerdOptions,
): RuntimeKind<ContainerdDaemon> {
  return {
    title: `containerd ${release}`,
    parts: containerdParts[release],
    runtime: NodeRuntime.containerd(options),
    files: {
      '/etc/containerd/config.toml': configToml(release, configPath === 'default' ? undefined : configPath),
    },
    file: '/etc/containerd/certs.d/docker.io/hosts.toml',
    start: (site) => site.containerd({ release }),
  };
}

export const runtimeKinds: readonly RuntimeKind[] = [
  dockerKind('20.10'),
  dockerKind('29 classic'),
  dockerKind('29 containerd'),
  containerdKind('1.6'),
  containerdKind('2.4'),
];
