import { posix } from 'node:path';
import { readRegistriesConf, registriesConf } from '../../../render/registries-conf';
import type { HostDisk } from '../disk/host-disk';
import { markedFileEdit } from '../edits/marked-file-edit';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import { caFileOf, orRefused } from './hosts-toml-files';
import { refusePlatforms } from './platforms';
import type { ProcessTable } from './process-table';
import { DaemonSilence, type Detection, type MirrorFiles, type ReloadRequest, type Runtime } from './runtime';

const folder = '/etc/containers';
const dropIns = `${folder}/registries.conf.d`;

/** Age at which CRI-O surely listens to signals. */
const settledSeconds = 20;

export interface CrioOptions {
  readonly processes: ProcessTable;
  /** Makes a process read its configuration again. */
  readonly hangUp: (pid: number) => void;
}

/** CRI-O: a drop-in of our own for each registry, and SIGHUP. */
export class CrioRuntime implements Runtime {
  constructor(
    private readonly disk: HostDisk,
    private readonly options: CrioOptions,
  ) {}

  detect(mirrors: readonly ResolvedMirror[]): Promise<Detection> {
    refusePlatforms(this.disk);
    if (this.options.processes.find('crio').length === 0) {
      return Promise.resolve({ state: 'notApplicable', reason: 'no CRI-O runs on this node' });
    }
    return Promise.resolve({
      state: 'ready',
      mirrors: mirrors.map((mirror) => orRefused(mirror.host, () => this.files(mirror))),
    });
  }

  /** CRI-O does not tell what it read; one that starts meanwhile reads the files anyway. */
  async reload({ pending }: ReloadRequest): Promise<void> {
    const { processes, hangUp } = this.options;
    for (const process of pending ? processes.find('crio') : []) {
      if (processes.ageSeconds(process) < settledSeconds) {
        throw new DaemonSilence(`CRI-O (pid ${process.pid}) has just started, and a signal would end it`);
      }
      hangUp(process.pid);
    }
  }

  private files({ host, url, ca }: ResolvedMirror): MirrorFiles {
    const path = posix.join(dropIns, `50-docker-cache-${host.replace(/[^a-z0-9.-]/g, '_')}.conf`);
    this.checkPrefix(host, path);
    const text = registriesConf({ host, url });
    const authority = `${folder}/certs.d/${new URL(url).host}/ca.crt`;
    return {
      host,
      files: [
        ...(ca === undefined ? [] : [caFileOf(authority, ca, url)]),
        {
          path,
          mode: 0o644,
          secret: false,
          edit: markedFileEdit({ kind: 'registries-conf', path, text, own: [url] }),
        },
      ],
    };
  }

  /** A later table with the same prefix would take the place of the earlier one, mirrors and all. */
  private checkPrefix(host: string, own: string): void {
    const others = this.disk.list(dropIns).filter((name) => name.endsWith('.conf'));
    const paths = [`${folder}/registries.conf`, ...others.map((name) => posix.join(dropIns, name))];
    for (const path of paths.filter((path) => path !== own)) {
      const read = readRegistriesConf(this.disk.readText(path) ?? '');
      if ('problem' in read) throw new Refusal(`${path} cannot be read: ${read.problem}`, [`repair ${path}`]);
      if (read.prefixes.includes(host)) {
        throw new Refusal(`${path} has a table for ${host} already`, [`take it out of ${path}`]);
      }
    }
  }
}
