import { posix } from 'node:path';
import type { HostDisk } from '../disk/host-disk';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import { containerdRegistries, type ContainerdRegistries } from './containerd-config';
import { hostsTomlFiles, orRefused, type ForeignFiles } from './hosts-toml-files';
import { refusePlatforms } from './platforms';
import type { Detection, Runtime } from './runtime';

export interface ContainerdRuntimeOptions {
  /** Read and never changed. */
  readonly configFile: string;
  /** @default what `configFile` says */
  readonly certsDir?: string;
  readonly colonFolder: boolean;
  readonly foreign: ForeignFiles;
}

/** Folder that is meant by everybody who does not say another. */
const usualFolder = '/etc/containerd/certs.d';
/** Default of containerd ≥ 2.2, which takes it for one folder: https://github.com/containerd/containerd/issues/12808. */
const defaultList = '/etc/containerd/certs.d:/etc/docker/certs.d';

interface Folders {
  readonly folders: readonly string[];
  readonly unverified?: string;
}

/** containerd, which reads `hosts.toml` at each pull: no signal, no restart. */
export class ContainerdRuntime implements Runtime {
  constructor(
    private readonly disk: HostDisk,
    private readonly options: ContainerdRuntimeOptions,
  ) {}

  detect(mirrors: readonly ResolvedMirror[]): Promise<Detection> {
    refusePlatforms(this.disk);
    const { configFile, foreign } = this.options;
    const registries = containerdRegistries(this.disk, configFile);
    if (registries === undefined) {
      const reason = `there is no ${configFile}: containerd is not on this node, or runs on its defaults alone`;
      return Promise.resolve({ state: 'notApplicable', reason });
    }
    const { folders, unverified } = this.folders(registries);
    return Promise.resolve({
      state: 'ready',
      mirrors: mirrors.map((mirror) =>
        orRefused(mirror.host, () => ({
          ...hostsTomlFiles(this.disk, mirror, folders, foreign),
          ...(unverified !== undefined && { unverified }),
        })),
      ),
    });
  }

  private folders(registries: ContainerdRegistries): Folders {
    const { configFile, certsDir, colonFolder } = this.options;
    const { configPath, mirrors, unseen } = registries;
    if (mirrors.length > 0) throw mirrorsRefusal(configFile, registries);
    if (certsDir !== undefined && followsDir(certsDir, registries)) return { folders: [certsDir] };
    if (certsDir !== undefined && configPath !== '') {
      throw new Refusal(`config_path in ${configFile} is ${configPath}, and certsDir is ${certsDir}`, [
        `set certsDir to ${configPath}, or leave it out`,
      ]);
    }
    if (unseen.length > 0) {
      throw new Refusal(`${configFile} imports ${unseen.join(', ')}, which the agent does not see`, [
        'set certsDir to the config_path that holds',
      ]);
    }
    if (configPath !== '' && !configPath.includes(':')) return { folders: [posix.normalize(configPath)] };
    const list = configPath === '' ? defaultList : configPath;
    if (!colonFolder) throw configPathRefusal(configFile, registries);
    // The one that is read today first, the one of a containerd that is repaired after it.
    const [first = usualFolder] = list.split(':');
    return {
      folders: [list, first],
      unverified:
        'only containerd 2.2 and newer reads the folder, and its version is not to be seen from here',
    };
  }
}

/** Whether containerd reads the folder that the operator states, as far as can be seen. */
function followsDir(certsDir: string, { configPath, unseen }: ContainerdRegistries): boolean {
  // A variable of the packager's cannot be followed from here.
  if (configPath.includes('$')) return true;
  return configPath === '' ? unseen.length > 0 : posix.normalize(configPath) === posix.normalize(certsDir);
}

function mirrorsRefusal(configFile: string, { mirrors, table }: ContainerdRegistries): Refusal {
  return new Refusal(
    `${configFile} has mirrors of its own (${mirrors.join(', ')}), and containerd allows no hosts.toml beside them`,
    [
      `move them to ${usualFolder}/<registry>/hosts.toml, remove [${table}.mirrors] and set:`,
      ...configPathLines(table),
      'then restart containerd once: systemctl restart containerd',
    ],
  );
}

function configPathRefusal(configFile: string, { configPath, table }: ContainerdRegistries): Refusal {
  const is = configPath === '' ? 'is not set' : `is a list (${configPath})`;
  return new Refusal(`config_path ${is} in ${configFile}, so containerd reads no hosts.toml`, [
    `set in ${configFile}:`,
    ...configPathLines(table),
    'then restart containerd once: systemctl restart containerd',
    'or, with containerd 2.2 and newer, set colonFolder, which needs no restart',
  ]);
}

function configPathLines(table: string): string[] {
  return [`[${table}]`, `  config_path = "${usualFolder}"`];
}
