import type { HostDisk } from '../disk/host-disk';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import type { DockerApi } from './docker-api';
import { hostsTomlFiles, orRefused, type ForeignFiles } from './hosts-toml-files';
import { refusePlatforms } from './platforms';
import { DaemonSilence, type Detection, type Runtime } from './runtime';

/** Folder that dockerd with the containerd image store reads at each pull; it has no option for another. */
const certsDir = '/etc/docker/certs.d';

export interface DockerContainerdOptions {
  readonly socket: string;
  readonly api: DockerApi;
  readonly foreign: ForeignFiles;
}

/** dockerd with the containerd image store: `hosts.toml` for every registry, no signal. */
export class DockerContainerdRuntime implements Runtime {
  constructor(
    private readonly disk: HostDisk,
    private readonly options: DockerContainerdOptions,
  ) {}

  async detect(mirrors: readonly ResolvedMirror[]): Promise<Detection> {
    refusePlatforms(this.disk);
    const { socket, api, foreign } = this.options;
    if (this.disk.find(socket).stat?.type !== 'socket') {
      return { state: 'notApplicable', reason: `there is no ${socket}: dockerd is not on this node` };
    }
    if (!(await api.ping())) throw new DaemonSilence(`dockerd does not answer on ${socket}`);
    const { imageStore } = await api.info();
    if (imageStore !== 'containerd') {
      throw new Refusal('dockerd uses its classic image store, which reads no hosts.toml', [
        'set imageStore to classic for this pool',
      ]);
    }
    return {
      state: 'ready',
      mirrors: mirrors.map((mirror) =>
        orRefused(mirror.host, () => hostsTomlFiles(this.disk, mirror, [certsDir], foreign)),
      ),
    };
  }
}
