/** An address of the Pod's loopback, or of a peer. */
export interface Endpoint {
  /** Address, or a name that resolves to one address for ever. */
  readonly host: string;
  readonly port: number;
}

/** Another front tier on the same storage. */
export interface Peer extends Endpoint {
  /** What its `varnishd -i` says: the name of its Pod. */
  readonly identity: string;
}

/** The fronts that share one storage, and how they reach one another. */
export interface Peers {
  /** All of them, this one too, in the same order everywhere. */
  readonly fronts: readonly Peer[];
  /** The name in their common certificate, where they speak TLS. */
  readonly tlsServerName?: string;
}

/** What the VCL of one cache says. */
export interface VclOptions {
  /** The registry whose images are served, named in every answer. */
  readonly host: string;
  /** The registry that downloads what is missing. */
  readonly registry: Endpoint;
  /** The registry on the same storage that only reads. */
  readonly localRegistry: Endpoint;
  /** How long a tag is answered without asking the upstream again, in seconds. */
  readonly tagFreshnessSeconds: number;
  /** How long a tag may take before the cached answer is given, in seconds. */
  readonly upstreamTimeoutSeconds: number;
  /** Size of the file that blobs are kept in. */
  readonly storeBytes: number;
  /** Who may pull: everybody, or whom `localRegistry` answers `/v2/` with 200. */
  readonly access: 'open' | 'login';
  /** @default none: this front is alone */
  readonly peers?: Peers;
}
