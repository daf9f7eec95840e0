import type { HostDisk } from '../disk/host-disk';
import { Refusal } from '../refusal';

/** Systems that own their files, by the ID of /etc/os-release, and what they have instead. */
const platforms: Readonly<Record<string, { readonly name: string; readonly remedy: string }>> = {
  bottlerocket: { name: 'Bottlerocket', remedy: 'set settings.container-registry.mirrors in its user data' },
  talos: { name: 'Talos', remedy: 'set machine.registries.mirrors in its machine configuration' },
  cos: {
    name: "GKE's Container-Optimized OS",
    remedy: 'use containerdConfig.registryHosts of the node pool',
  },
  rhcos: { name: 'OpenShift', remedy: 'create an ImageDigestMirrorSet and an ImageTagMirrorSet' },
};

/** Refuses a node whose system would undo what is written; where os-release is not mounted nothing is known. */
export function refusePlatforms(disk: HostDisk): void {
  const release = osRelease(disk);
  const id = /^ID="?([a-z]+)"?$/m.exec(release)?.[1] ?? '';
  const platform = platforms[id];
  if (platform === undefined) return;
  throw new Refusal(`the files of this node belong to ${platform.name}, which writes them itself`, [
    platform.remedy,
  ]);
}

/** The usual link leads to a folder that may not be mounted. */
function osRelease(disk: HostDisk): string {
  try {
    return disk.readText('/etc/os-release') ?? '';
  } catch (error) {
    if (error instanceof Refusal) return '';
    throw error;
  }
}
