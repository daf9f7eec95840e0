/** Which of dockerd's two image stores a node has; `docker info` tells it as "driver-type". */
export type DockerImageStore = 'classic' | 'containerd';

export interface DockerOptions {
  /**
   * The image store of the nodes' dockerd. The classic one mirrors Docker Hub only and knows no login;
   * the containerd one (the default of new Docker 29 installations) mirrors every registry.
   * @default classic
   */
  readonly imageStore?: DockerImageStore;
}

export interface ContainerdOptions {
  /** containerd's configuration, which is read and never changed. @default /etc/containerd/config.toml */
  readonly configFile?: string;
  /** Folder of the hosts.toml files. @default what `configFile` says */
  readonly certsDir?: string;
  /**
   * Writes hosts.toml into the folder too that containerd ≥ 2.2 takes its default list for, so that a node
   * whose `config_path` was never set needs no restart.
   * See https://github.com/containerd/containerd/issues/12808.
   * @default false
   */
  readonly colonFolder?: boolean;
}

/** The program that pulls images on the nodes of a pool. */
export type NodeRuntime =
  | ({ readonly type: 'docker' } & Required<DockerOptions>)
  | ({ readonly type: 'containerd' } & ContainerdOptions)
  | { readonly type: 'k3s' }
  | { readonly type: 'rke2' }
  | { readonly type: 'crio' };

/** The runtimes that can be pointed at a cache without a restart. */
export const NodeRuntime = {
  docker: ({ imageStore = 'classic' }: DockerOptions = {}): NodeRuntime => ({ type: 'docker', imageStore }),
  containerd: (options: ContainerdOptions = {}): NodeRuntime => ({ ...options, type: 'containerd' }),
  k3s: (): NodeRuntime => ({ type: 'k3s' }),
  rke2: (): NodeRuntime => ({ type: 'rke2' }),
  crio: (): NodeRuntime => ({ type: 'crio' }),
} as const;

/** Whether a runtime mirrors Docker Hub alone, sends no login and refuses a path in a mirror's URL. */
export function isDockerClassic(runtime: NodeRuntime): boolean {
  return runtime.type === 'docker' && runtime.imageStore === 'classic';
}
