import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentialHelper } from '../../lib/render/credential-helper';
import { registryConfig } from '../../lib/render/registry-config';
import type { Peers, VclOptions } from '../../lib/render/varnish/options';
import { varnishVcl } from '../../lib/render/varnish/vcl';
import { freePort } from './process';
import { Registry } from './registry';
import { Varnish } from './varnish';

export interface FrontPodOptions {
  /** The registry that it says to serve. @default 'docker.io' */
  readonly host?: string;
  /** The upstream's address. */
  readonly upstream: string;
  /** @default 1 GiB */
  readonly storeBytes?: number;
  /** @default 5 */
  readonly tagFreshnessSeconds?: number;
  /** @default 3 */
  readonly upstreamTimeoutSeconds?: number;
  /** Text of a users' file; without one everybody may pull. */
  readonly htpasswd?: string;
  /** A storage that others use too. @default one of its own */
  readonly storage?: string;
  /** Changes the program, where a test would have to wait for a minute. @default as it is */
  readonly edit?: (vcl: string) => string;
  /** Its name among its peers, and all of them. */
  readonly peering?: Peers & { readonly identity: string };
}

/** The processes of one cache Pod, without a Pod: two registries on one storage, and Varnish before them. */
export class FrontPod {
  private constructor(
    private readonly folder: string,
    readonly storage: string,
    private readonly configs: { readonly downloading: string; readonly reading: string },
    private readonly varnishOptions: {
      readonly vcl: string;
      readonly storeBytes: number;
      readonly port: number;
      readonly identity?: string;
    },
    public downloading: Registry,
    public reading: Registry,
    public varnish: Varnish,
  ) {}

  static async start(options: FrontPodOptions): Promise<FrontPod> {
    const folder = await mkdtemp(join(tmpdir(), 'front-pod-'));
    const storage = options.storage ?? join(folder, 'storage');
    await mkdir(storage, { recursive: true });
    const helper = join(folder, 'credential-helper');
    await writeFile(helper, credentialHelper());
    await chmod(helper, 0o755);
    if (options.htpasswd !== undefined) await writeFile(join(folder, 'htpasswd'), options.htpasswd);
    const [registryPort, localPort, frontPort] = [await freePort(), await freePort(), await freePort()];
    const host = options.host ?? 'docker.io';
    const common = {
      host,
      storage: { type: 'filesystem', rootDirectory: storage },
      logLevel: 'error',
      drainSeconds: 25,
    } as const;
    const configs = {
      downloading: registryConfig({
        ...common,
        address: `127.0.0.1:${registryPort}`,
        debugAddress: `127.0.0.1:${await freePort()}`,
        proxy: { url: options.upstream, ttl: '0s', credentialHelper: helper },
      }),
      reading: registryConfig({
        ...common,
        address: `127.0.0.1:${localPort}`,
        debugAddress: `127.0.0.1:${await freePort()}`,
        ...(options.htpasswd === undefined ? {} : { htpasswdFile: join(folder, 'htpasswd') }),
      }),
    };
    const storeBytes = options.storeBytes ?? 1024 ** 3;
    const { peering } = options;
    const vclOptions: VclOptions = {
      host,
      registry: { host: '127.0.0.1', port: registryPort },
      localRegistry: { host: '127.0.0.1', port: localPort },
      tagFreshnessSeconds: options.tagFreshnessSeconds ?? 5,
      upstreamTimeoutSeconds: options.upstreamTimeoutSeconds ?? 3,
      storeBytes,
      access: options.htpasswd === undefined ? 'open' : 'login',
      ...(peering === undefined ? {} : { peers: peering }),
    };
    const own = peering?.fronts.find(({ identity }) => identity === peering.identity);
    const varnishOptions = {
      vcl: (options.edit ?? ((vcl: string) => vcl))(varnishVcl(vclOptions)),
      storeBytes,
      port: own?.port ?? frontPort,
      ...(peering === undefined ? {} : { identity: peering.identity }),
    };
    const reading = await Registry.start({ config: configs.reading });
    const downloading = await Registry.start({ config: configs.downloading });
    const varnish = await Varnish.start(varnishOptions);
    return new FrontPod(folder, storage, configs, varnishOptions, downloading, reading, varnish);
  }

  get url(): string {
    return this.varnish.url;
  }

  /** Host and port, as an image reference begins. */
  get address(): string {
    return `127.0.0.1:${this.varnish.port}`;
  }

  /** Replaces the users' file, as the kubelet does with a changed Secret. */
  async setUsers(htpasswd: string): Promise<void> {
    await writeFile(join(this.folder, 'htpasswd'), htpasswd);
  }

  async restartDownloading(): Promise<void> {
    this.downloading = await Registry.start({ config: this.configs.downloading });
  }

  async restartReading(): Promise<void> {
    this.reading = await Registry.start({ config: this.configs.reading });
  }

  async restartVarnish(): Promise<void> {
    this.varnish = await Varnish.start(this.varnishOptions);
  }

  async stop(): Promise<void> {
    await this.varnish.stop('SIGKILL');
    for (const registry of [this.downloading, this.reading]) await registry.stop('SIGKILL');
    await rm(this.folder, { recursive: true });
  }
}
