import { stringify } from 'yaml';

/** The storage driver of a registry. */
export type RegistryStorage =
  | { readonly type: 'filesystem'; readonly rootDirectory: string }
  | {
      readonly type: 'azure';
      readonly accountName: string;
      readonly container: string;
      readonly rootDirectory: string;
      readonly credentials: 'shared_key' | 'default_credentials';
      readonly realm?: string;
      readonly serviceUrl?: string;
    };

/** What a registry's configuration says; all paths are the container's. */
export interface RegistryConfigOptions {
  /** The registry whose images are served, named in every answer. */
  readonly host: string;
  /** Address and port of the registry. */
  readonly address: string;
  /** Address and port of metrics. */
  readonly debugAddress: string;
  readonly storage: RegistryStorage;
  readonly logLevel: string;
  /** How long a running answer may take to end when the registry is told to stop, in seconds. */
  readonly drainSeconds: number;
  /** What is downloaded and kept when it is missing; without one the registry only reads. */
  readonly proxy?: {
    readonly url: string;
    /** Program that prints the upstream's login. */
    readonly credentialHelper: string;
    /** Age at which an object is dropped, `0s` for never. */
    readonly ttl: string;
  };
  readonly htpasswdFile?: string;
  readonly tls?: { readonly certificate: string; readonly key: string };
}

function storageDriver(storage: RegistryStorage): Record<string, unknown> {
  if (storage.type === 'filesystem') return { filesystem: { rootdirectory: storage.rootDirectory } };
  return {
    azure: {
      accountname: storage.accountName,
      container: storage.container,
      rootdirectory: storage.rootDirectory,
      credentials: { type: storage.credentials },
      ...(storage.realm === undefined ? {} : { realm: storage.realm }),
      ...(storage.serviceUrl === undefined ? {} : { serviceurl: storage.serviceUrl }),
    },
  };
}

/**
 * The configuration of CNCF distribution 3: https://distribution.github.io/distribution/about/configuration/.
 * There is no descriptor cache, because with one a lost blob never heals.
 */
export function registryConfig(options: RegistryConfigOptions): string {
  const { proxy, tls } = options;
  const drops = proxy !== undefined && !/^0[smh]$/.test(proxy.ttl);
  return stringify({
    version: 0.1,
    log: { level: options.logLevel, formatter: 'json', accesslog: { disabled: true } },
    storage: {
      ...storageDriver(options.storage),
      redirect: { disable: true },
      ...(drops ? { delete: { enabled: true } } : {}),
      ...(proxy === undefined ? { maintenance: { readonly: { enabled: true } } } : {}),
    },
    http: {
      addr: options.address,
      draintimeout: `${options.drainSeconds}s`,
      headers: { 'Docker-Cache-Upstream': [options.host], 'X-Content-Type-Options': ['nosniff'] },
      debug: { addr: options.debugAddress, prometheus: { enabled: true, path: '/metrics' } },
      ...(tls === undefined
        ? {}
        : { tls: { certificate: tls.certificate, key: tls.key, minimumtls: 'tls1.2' } }),
    },
    ...(options.htpasswdFile === undefined
      ? {}
      : { auth: { htpasswd: { realm: 'docker-cache', path: options.htpasswdFile } } }),
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
    ...(proxy === undefined
      ? {}
      : {
          proxy: {
            remoteurl: proxy.url,
            ttl: proxy.ttl,
            exec: { command: proxy.credentialHelper, lifetime: '60s' },
          },
        }),
  });
}
