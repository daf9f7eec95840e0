import { posix } from 'node:path';
import { sameUrl } from '../../../render/hosts-toml';
import type { HostDisk } from '../disk/host-disk';
import { daemonJsonEdit } from '../edits/daemon-json-edit';
import type { Clock } from '../engine/clock';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import type { DockerApi } from './docker-api';
import { caFileOf, orRefused } from './hosts-toml-files';
import { refusePlatforms } from './platforms';
import { flagValues, type NodeProcess, type ProcessTable } from './process-table';
import { DaemonSilence, type Detection, type ManagedFile, type ReloadRequest, type Runtime } from './runtime';

export interface DockerClassicOptions {
  readonly configFile: string;
  readonly socket: string;
  readonly pidFile: string;
  /** URLs of mirrors that are taken over. */
  readonly replaces: readonly string[];
  readonly api: DockerApi;
  readonly processes: ProcessTable;
  /** Makes a process read its configuration again. */
  readonly hangUp: (pid: number) => void;
  readonly clock: Clock;
}

/** How long dockerd may take to show what it read, in milliseconds. */
const reloadMs = 5_000;
const pollMs = 100;

/** dockerd with its classic image store: `daemon.json`, SIGHUP, Docker Hub only. */
export class DockerClassicRuntime implements Runtime {
  constructor(
    private readonly disk: HostDisk,
    private readonly options: DockerClassicOptions,
  ) {}

  async detect(mirrors: readonly ResolvedMirror[]): Promise<Detection> {
    refusePlatforms(this.disk);
    const daemon = this.daemon();
    if (daemon === undefined) return this.withoutDaemon();
    this.checkFlags(daemon);
    if (!(await this.options.api.ping())) throw this.silence(daemon);
    return {
      state: 'ready',
      mirrors: mirrors.map((mirror) =>
        orRefused(mirror.host, () => ({ host: mirror.host, files: this.files(mirror) })),
      ),
    };
  }

  /** Signals only a dockerd that answers: one that is starting would end. */
  async reload({ urls, want }: ReloadRequest): Promise<void> {
    const { api, hangUp, processes, clock, configFile } = this.options;
    const daemon = this.daemon();
    // What is not running reads the file when it starts.
    if (daemon === undefined) return;
    if (!(await api.ping())) throw this.silence(daemon);
    if (await this.shows(urls, want)) return;
    if (!processes.isStill(daemon, 'dockerd')) throw this.silence(daemon);
    hangUp(daemon.pid);
    const deadline = clock.now() + reloadMs;
    while (clock.now() < deadline) {
      await clock.sleep(pollMs);
      if (await this.shows(urls, want)) return;
    }
    throw new Refusal(
      `dockerd (pid ${daemon.pid}) ${want === 'present' ? 'did not take up' : 'did not let go of'} ${urls.join(', ')} within ${reloadMs / 1000} s`,
      [
        `look for "SIGHUP" or "reload" in its log: a key of ${configFile} that it does not know stops it at its next start too`,
      ],
    );
  }

  private async shows(urls: readonly string[], want: ReloadRequest['want']): Promise<boolean> {
    const { mirrors } = await this.options.api.info();
    const shown = urls.filter((url) => mirrors.some((mirror) => sameUrl(mirror, url)));
    return want === 'present' ? shown.length === urls.length : shown.length === 0;
  }

  /** The dockerd of the node; undefined when none runs. */
  private daemon(): NodeProcess | undefined {
    const { processes, pidFile } = this.options;
    const found = processes.find('dockerd');
    const pid = this.disk.readText(pidFile)?.trim();
    const named = found.find((process) => String(process.pid) === pid);
    if (named !== undefined || found.length === 0) return named;
    if (found.length === 1 && pid === undefined) return found[0];
    const pids = found.map((process) => process.pid).join(', ');
    throw new Refusal(`${pidFile} names ${pid ?? 'no process'}, and the dockerds of this node are ${pids}`, [
      'set pidFile to the one that dockerd writes',
    ]);
  }

  private async withoutDaemon(): Promise<Detection> {
    const { socket, api } = this.options;
    if (this.disk.find(socket).stat?.type === 'socket' && (await api.ping())) {
      throw new Refusal(`a dockerd answers on ${socket}, but its process is not to be seen`, [
        'run the agent with hostPID, and as the root of the node',
      ]);
    }
    return { state: 'notApplicable', reason: 'no dockerd runs on this node' };
  }

  private checkFlags({ args, pid }: NodeProcess): void {
    const { configFile } = this.options;
    const mirrors = flagValues(args, '--registry-mirror');
    if (mirrors.length > 0) {
      throw new Refusal(
        `dockerd (pid ${pid}) has --registry-mirror on its command line, and does not start with mirrors in ${configFile} beside it`,
        [`move ${mirrors.join(', ')} to "registry-mirrors" in ${configFile} and restart dockerd once`],
      );
    }
    const other = flagValues(args, '--config-file').find((file) => posix.normalize(file) !== configFile);
    if (other !== undefined) {
      throw new Refusal(`dockerd (pid ${pid}) reads ${other}, and not ${configFile}`, [
        `set configFile to ${other}`,
      ]);
    }
  }

  private files({ url, ca }: ResolvedMirror): ManagedFile[] {
    const { configFile: path, replaces } = this.options;
    const authority = `/etc/docker/certs.d/${new URL(url).host}/ca.crt`;
    return [
      ...(ca === undefined ? [] : [caFileOf(authority, ca, url)]),
      { path, mode: 0o644, secret: false, edit: daemonJsonEdit({ path, url, replaces }) },
    ];
  }

  private silence({ pid }: NodeProcess): DaemonSilence {
    return new DaemonSilence(
      `dockerd (pid ${pid}) does not answer on ${this.options.socket}: it may be starting`,
    );
  }
}
