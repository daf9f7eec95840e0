import type { RuntimeConfig } from '../../../lib/programs/node-agent/config';
import type { AgentMount } from './agent-container';
import type { Login } from './cache-process';
import { configToml, containerdParts, type ContainerdRelease } from './containerd-daemon';
import { dockerParts, type DockerRelease } from './docker-daemon';
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
export interface RuntimeKind {
  readonly title: string;
  /** The real parts that it needs, besides a registry. */
  readonly parts: readonly string[];
  readonly runtime: RuntimeConfig;
  readonly mounts: readonly AgentMount[];
  readonly hostPid: boolean;
  /** The file that holds the mirror of Docker Hub. */
  readonly file: string;
  /** Writes what an administrator wrote, and starts the runtime. */
  start(site: TestSite): Promise<RunningRuntime>;
}

const state: AgentMount = { path: '/var/lib/docker-cache' };

/** Odd on purpose: tabs, an umlaut, a key per line and two on one. */
export const daemonJson =
  '{\n\t"log-driver":   "json-file",\n  "labels": ["größe=1"], "max-concurrent-downloads": 2\n}';

export function dockerKind(release: DockerRelease): RuntimeKind {
  const isClassic = release !== '29 containerd';
  return {
    title: `dockerd ${release}`,
    parts: dockerParts[release],
    runtime: { type: 'docker', imageStore: isClassic ? 'classic' : 'containerd' },
    mounts: [{ path: '/etc/docker' }, { path: '/run/docker.sock' }, state],
    hostPid: isClassic,
    file: isClassic ? '/etc/docker/daemon.json' : '/etc/docker/certs.d/docker.io/hosts.toml',
    start: async (site) => {
      await site.write('/etc/docker/daemon.json', daemonJson);
      return site.docker({ release });
    },
  };
}

export function containerdKind(release: ContainerdRelease): RuntimeKind {
  return {
    title: `containerd ${release}`,
    parts: containerdParts[release],
    runtime: { type: 'containerd' },
    mounts: [{ path: '/etc/containerd', readOnly: true }, { path: '/etc/containerd/certs.d' }, state],
    hostPid: false,
    file: '/etc/containerd/certs.d/docker.io/hosts.toml',
    start: async (site) => {
      await site.write('/etc/containerd/config.toml', configToml(release, '/etc/containerd/certs.d'));
      return site.containerd({ release });
    },
  };
}

export const runtimeKinds: readonly RuntimeKind[] = [
  dockerKind('20.10'),
  dockerKind('29 classic'),
  dockerKind('29 containerd'),
  containerdKind('1.6'),
  containerdKind('2.4'),
];
