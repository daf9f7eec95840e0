import type { AuthSecret } from './auth-secret';

/** A way out of a network that has no other. */
export interface UpstreamProxy {
  /** URL of the HTTP proxy that the cache reaches the upstream through: `http://proxy.corp:3128`. */
  readonly httpsProxy: string;
  /** Hosts and networks that are reached directly, as in the NO_PROXY variable. @default none */
  readonly noProxy?: readonly string[];
}

export interface UpstreamOptions {
  /**
   * URL that the cache downloads from, without a path.
   * @default the registry's public address
   */
  readonly url?: string;
  /**
   * Port of every node that serves this upstream and no other, 30000–32767.
   * @default 30500 for a sole upstream; several state theirs
   */
  readonly nodePort?: number;
  /** Login to the upstream. @default anonymous */
  readonly credentials?: AuthSecret<'login'>;
  /** HTTP proxy between the cache and the upstream. @default none */
  readonly proxy?: UpstreamProxy;
  /** Authorities that the cache trusts besides the public ones when it asks the upstream. @default none */
  readonly ca?: AuthSecret<'ca'>;
}

/** A registry whose images are cached: one process, one port and one storage root belong to it alone. */
export interface Upstream extends UpstreamOptions {
  /** The registry's name in image references: `docker.io`, `quay.io`, `registry.example.com:5000`. */
  readonly host: string;
  readonly url: string;
  /** The registry's public address, which a node falls back to when the cache does not answer. */
  readonly server: string;
}

/** The name of Docker Hub in image references. */
export const dockerHubHost = 'docker.io';

/** The address that a runtime asks for a registry's images when nothing tells it otherwise. */
export function publicServer(host: string): string {
  return host === dockerHubHost ? 'https://registry-1.docker.io' : `https://${host}`;
}

function preset(host: string) {
  const server = publicServer(host);
  return (options: UpstreamOptions = {}): Upstream => ({
    ...options,
    host,
    server,
    url: options.url ?? server,
  });
}

/** Registries by the name that they have in image references. */
export const Upstream = {
  /** Docker Hub, or with `url` a mirror of it. */
  dockerHub: preset(dockerHubHost),
  /** GitHub's container registry. */
  ghcr: preset('ghcr.io'),
  /** Red Hat Quay. */
  quay: preset('quay.io'),
  /** The images of Kubernetes itself. */
  kubernetes: preset('registry.k8s.io'),
  /** Microsoft's artifact registry. */
  mcr: preset('mcr.microsoft.com'),
  /** NVIDIA's GPU cloud. */
  nvcr: preset('nvcr.io'),
  /** Any registry that speaks the OCI distribution protocol. */
  registry: ({ host, ...options }: UpstreamOptions & { readonly host: string }): Upstream =>
    preset(host)(options),
} as const;
