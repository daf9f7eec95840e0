import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CertificateAuthority } from '../certificates';
import { freePort } from '../process';
import { Registry, type RegistryOptions } from '../registry';
import { findDebian } from '../tools';
import type { PublicInternet } from './public-internet';

export interface CacheOptions {
  readonly internet: PublicInternet;
  /** The registry that it caches, as its `Docker-Cache-Upstream` header says. @default docker.io */
  readonly upstream?: string;
  /** Where that registry is. @default https://registry-1.docker.io */
  readonly remoteUrl?: string;
  /** A login without which it answers 401. @default none: open */
  readonly login?: Login;
  /** Listens with a certificate of its own. @default false */
  readonly tls?: boolean;
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** A real registry as a pull-through cache, on one port for its whole life. */
export class CacheProcess {
  private constructor(
    private readonly folder: string,
    private readonly options: RegistryOptions,
    private readonly authority: CertificateAuthority | undefined,
    private registry: Registry,
  ) {}

  static async start(options: CacheOptions): Promise<CacheProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'cache-'));
    const addr = `127.0.0.1:${await freePort()}`;
    const authority = options.tls === true ? await writeCertificate(folder) : undefined;
    if (options.login) await writeHtpasswd(folder, options.login);
    const config = JSON.stringify(configuration(options, folder, addr));
    const start = { config, env: options.internet.env };
    return new CacheProcess(folder, start, authority, await Registry.start(start));
  }

  get url(): string {
    return `${this.authority === undefined ? 'http' : 'https'}://${this.registry.address}`;
  }

  /** The authority that clients have to trust, PEM. */
  get ca(): string {
    if (this.authority === undefined) throw new Error('this cache listens without TLS');
    return this.authority.cert;
  }

  /** What its access log says that it was asked, as `METHOD path?query status`. */
  get requests(): string[] {
    const lines = this.registry.process.log.matchAll(/"([A-Z]+ \S+) HTTP\/[\d.]+" (\d+)/g);
    return [...lines].map(([, request, status]) => `${request ?? ''} ${status ?? ''}`);
  }

  /** Its answered requests for a repository: empty when nobody pulled it here. */
  served(repository: string): string[] {
    return this.requests.filter((line) => line.includes(`/v2/${repository}/`) && line.endsWith(' 200'));
  }

  /** From now on it accepts connections and never answers. */
  wedge(): void {
    this.registry.pause();
  }

  unwedge(): void {
    this.registry.resume();
  }

  async kill(): Promise<void> {
    await this.registry.stop('SIGKILL');
  }

  /** Starts it again after `kill`, with an empty log. */
  async restart(): Promise<void> {
    this.registry = await Registry.start(this.options);
  }

  /** Lets only this login in from now on, as a rotated Secret does. */
  async rotate(login: Login): Promise<void> {
    await writeHtpasswd(this.folder, login);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

const configuration = (options: CacheOptions, folder: string, addr: string) => ({
  version: 0.1,
  log: { level: 'warn', accesslog: { disabled: false } },
  storage: { filesystem: { rootdirectory: join(folder, 'data') } },
  http: {
    addr,
    headers: { 'Docker-Cache-Upstream': [options.upstream ?? 'docker.io'] },
    ...(options.tls === true && {
      tls: { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') },
    }),
  },
  proxy: { remoteurl: options.remoteUrl ?? 'https://registry-1.docker.io', ttl: '0s' },
  ...(options.login && { auth: { htpasswd: { realm: 'cache', path: join(folder, 'htpasswd') } } }),
});

async function writeCertificate(folder: string): Promise<CertificateAuthority> {
  const authority = new CertificateAuthority();
  const { cert, key } = authority.issue('127.0.0.1');
  await writeFile(join(folder, 'tls.crt'), cert);
  await writeFile(join(folder, 'tls.key'), key, { mode: 0o600 });
  return authority;
}

async function writeHtpasswd(folder: string, { username, password }: Login): Promise<void> {
  const args = ['-nbB', '-C', '5', username, password];
  const { stdout } = await promisify(execFile)(findDebian('apache2-utils'), args);
  await writeFile(join(folder, 'htpasswd'), stdout);
}
