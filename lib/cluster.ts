import type { AuthSecret } from './auth-secret';
import type { Duration } from './duration';
import type { ImageCacheOptions } from './image-cache-options';
import type { NodeRuntime } from './node-runtime';

/** A registry that serves another one's images, and that nodes ask first. */
export interface Mirror {
  /** The registry whose images are served, as image references name it: `docker.io`. */
  readonly host: string;
  /** Where it listens: `http://10.0.0.5:5000`; `<ip>:<port>` alone is http. */
  readonly url: string;
}

/** Nodes of one kind. */
export interface NodePool {
  /** Part of the names of the pool's objects. @default nodes */
  readonly name?: string;
  /** The program that pulls images on these nodes. */
  readonly runtime: NodeRuntime;
  /** Labels that a node of this pool has. @default every Linux node, when the pool is the only one */
  readonly selector?: Readonly<Record<string, string>>;
  /** Labels that narrow the pool for a while, for the first nodes of a change. @default none */
  readonly canary?: Readonly<Record<string, string>>;
  /**
   * URLs of mirrors that this program takes over: removed when ours is written, and not brought back.
   * @default none
   */
  readonly replaces?: readonly string[];
  /** Merges into a `hosts.toml` that somebody else wrote instead of refusing the node. @default false */
  readonly mergeForeignFiles?: boolean;
}

/** Where nodes reach the cache: on their own address, or under a host name that all of them resolve. */
export type CacheEndpoint =
  | { readonly type: 'nodePort' }
  | {
      readonly type: 'host';
      /** Name or address, without scheme and port. */
      readonly host: string;
    };

export interface ProbeOptions {
  /** Time between two questions of a node to the cache. @default 30s */
  readonly interval?: Duration;
  /**
   * Repository that shows whether the cache can still read its storage, by registry host.
   * @default `library/hello-world` for docker.io, none for others
   */
  readonly images?: Readonly<Record<string, string>>;
}

/** The nodes of a cluster, and what is done to them. */
export interface NodesOptions {
  /** Shows what would change, changes it, or puts it back. No default: a person types `apply`. */
  readonly mode: 'plan' | 'apply' | 'restore';
  /** Where nodes reach the cache: `nodePort` on their own address, `host` under one name. @default nodePort */
  readonly endpoint?: CacheEndpoint;
  /** Authority of the cache's certificate. @default the ones that the node trusts */
  readonly ca?: AuthSecret<'ca'>;
  /** Login of the nodes to the cache. @default none */
  readonly login?: AuthSecret<'login'>;
  /** The kinds of nodes; every node belongs to at most one. */
  readonly pools: readonly NodePool[];
  /** How each node watches the cache. @default every 30s */
  readonly probe?: ProbeOptions;
  /** Node image of the agent, from a registry that this cluster does not mirror. @default public.ecr.aws/docker/library/node:20-bookworm-slim */
  readonly image?: string;
  /** How many nodes of a pool are changed at once, as a number or a share. @default 10% */
  readonly maxUnavailable?: number | `${number}%`;
}

export interface Namespaces {
  /** Namespace of the cache. @default docker-cache */
  readonly cache?: string;
  /** Namespace of the node configurator, which is privileged. @default docker-cache-nodes */
  readonly nodes?: string;
}

interface ClusterBase {
  /** Name of the cluster, of its file and of its Pulumi stack. */
  readonly name: string;
  /** Names of the two namespaces that are made. @default docker-cache, docker-cache-nodes */
  readonly namespaces?: Namespaces;
}

/** A cluster with a cache of its own. */
export interface CacheCluster extends ClusterBase {
  /** A cache of this cluster's own. */
  readonly cache: ImageCacheOptions;
  readonly mirrors?: never;
  /** The nodes that are pointed at it. @default nodes are left alone */
  readonly nodes?: NodesOptions;
}

/** A cluster whose nodes use registries that others run. */
export interface MirrorCluster extends ClusterBase {
  /** The registries that its nodes ask first. */
  readonly mirrors: readonly Mirror[];
  readonly cache?: never;
  /** The nodes that are pointed at them. */
  readonly nodes: NodesOptions;
}

/** What an operator writes about one cluster: plain data. */
export type Cluster = CacheCluster | MirrorCluster;
