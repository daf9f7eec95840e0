import { posix } from 'node:path';
import type { AgentConfig } from '../config';
import type { HostDisk } from '../disk/host-disk';
import type { Clock } from '../engine/clock';
import { ContainerdRuntime } from './containerd';
import { CrioRuntime } from './crio';
import { dockerApi, type DockerApi } from './docker-api';
import { DockerClassicRuntime } from './docker-classic';
import { DockerContainerdRuntime } from './docker-containerd';
import type { ProcessTable } from './process-table';
import type { Runtime } from './runtime';

/** What a runtime of the node is reached by. */
export interface RuntimeEnvironment {
  readonly disk: HostDisk;
  readonly hostRoot: string;
  readonly processes: ProcessTable;
  readonly hangUp: (pid: number) => void;
  readonly clock: Clock;
  /** dockerd's API on a socket of this process's. @default the real one */
  readonly api?: (socketPath: string) => DockerApi;
}

/** The runtime that a configuration names. */
export function runtimeOf(config: AgentConfig, env: RuntimeEnvironment): Runtime {
  const { runtime, replaces = [], mergeForeignFiles: merge = false } = config;
  const { disk, hostRoot } = env;
  const foreign = { replaces, merge };
  switch (runtime.type) {
    case 'containerd': {
      const { configFile = '/etc/containerd/config.toml', colonFolder = false, certsDir } = runtime;
      const dir = certsDir === undefined ? {} : { certsDir };
      return new ContainerdRuntime(disk, { configFile, colonFolder, foreign, ...dir });
    }
    case 'k3s':
    case 'rke2': {
      const configFile = `/var/lib/rancher/${runtime.type}/agent/etc/containerd/config.toml`;
      return new ContainerdRuntime(disk, { configFile, colonFolder: false, foreign });
    }
    case 'crio':
      return new CrioRuntime(disk, env);
    case 'docker': {
      const { configFile = '/etc/docker/daemon.json', socket = '/run/docker.sock' } = runtime;
      const api = (env.api ?? dockerApi)(posix.join(hostRoot, socket));
      if (runtime.imageStore === 'containerd')
        return new DockerContainerdRuntime(disk, { socket, api, foreign });
      const { pidFile = '/run/docker.pid' } = runtime;
      return new DockerClassicRuntime(disk, { ...env, configFile, socket, pidFile, replaces, api });
    }
  }
}
