import { posix } from 'node:path';
import type { NodesOptions } from './cluster';
import type { NodeRuntime } from './node-runtime';

/** A folder of the node that the agent of a runtime sees. */
export interface NodeFolder {
  /** Part of the volume's name. */
  readonly name: string;
  /** Absolute, on the node. */
  readonly path: string;
  /** Whether the agent writes there. */
  readonly writable: boolean;
  /** A file that every node has. @default a folder */
  readonly isFile?: true;
}

/** What the agent of a runtime needs of the node besides folders. */
export interface RuntimeNeeds {
  readonly folders: readonly NodeFolder[];
  /** Sees the runtime's process and signals it. */
  readonly signals: boolean;
}

/** Where the agent keeps what it found on the node before it changed anything. */
export const stateFolder = '/var/lib/docker-cache';

const writable = (name: string, path: string): NodeFolder => ({ name, path, writable: true });
const readOnly = (name: string, path: string): NodeFolder => ({ name, path, writable: false });

/**
 * The folder of dockerd's socket and pid file. A socket mounted as a file would be the old one after
 * dockerd's restart, and a missing one would be made as a folder.
 */
const run = readOnly('run', '/run');

/** Tells the agent which platforms own their files themselves: https://www.freedesktop.org/software/systemd/man/latest/os-release.html. */
const osRelease: NodeFolder = { ...readOnly('os-release', '/etc/os-release'), isFile: true };

/** What the agent writes to, and looks at, on a node with this runtime. */
export function runtimeNeeds(runtime: NodeRuntime): RuntimeNeeds {
  switch (runtime.type) {
    case 'docker':
      return {
        folders: [writable('docker', '/etc/docker'), run],
        signals: runtime.imageStore === 'classic',
      };
    case 'containerd':
      return { folders: containerdFolders(runtime), signals: false };
    case 'k3s':
    case 'rke2':
      return {
        folders: [writable('containerd', `/var/lib/rancher/${runtime.type}/agent/etc/containerd`)],
        signals: false,
      };
    case 'crio':
      return {
        folders: [
          readOnly('containers', '/etc/containers'),
          writable('drop-ins', '/etc/containers/registries.conf.d'),
          writable('authorities', '/etc/containers/certs.d'),
        ],
        signals: true,
      };
  }
}

function containerdFolders(runtime: Extract<NodeRuntime, { type: 'containerd' }>): NodeFolder[] {
  const config = posix.dirname(runtime.configFile ?? '/etc/containerd/config.toml');
  // A mount path may hold no colon, so the folder with one is written to through its parent.
  if (runtime.colonFolder === true) return [writable('containerd', config)];
  return [
    readOnly('containerd', config),
    writable('hosts', runtime.certsDir ?? posix.join(config, 'certs.d')),
  ];
}

/**
 * The folders in a mode: `plan` sees them through a parent that exists on every node, read-only,
 * because the kubelet makes a folder that is missing even for a Pod that only reads.
 */
export function nodeFolders(runtime: NodeRuntime, mode: NodesOptions['mode']): readonly NodeFolder[] {
  const { folders } = runtimeNeeds(runtime);
  if (mode !== 'plan') return [...folders, osRelease, writable('state', stateFolder)];
  const parents = new Set(folders.map(({ path }) => `/${path.split('/')[1] ?? ''}`));
  return [...parents].map((path) => readOnly(path.slice(1), path));
}
