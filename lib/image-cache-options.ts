import type { Access } from './access';
import type { Duration } from './duration';
import type { FrontTier } from './front-tier';
import type { StorageBackend } from './storage-backend';
import type { Upstream } from './upstream';

/** How the cache is reached from outside its Pods. */
export type CacheService =
  | { readonly type: 'NodePort' }
  | {
      readonly type: 'LoadBalancer';
      /** Annotations that tell the cloud what to make: an internal address, a health check. @default none */
      readonly annotations?: Readonly<Record<string, string>>;
    };

export type RegistryLogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What an operator writes about the cache of a cluster. */
export interface ImageCacheOptions {
  /** Where images are kept. */
  readonly storage: StorageBackend;
  /** The registries whose images are cached. @default Docker Hub */
  readonly upstreams?: readonly Upstream[];
  /** Who may pull. @default Access.open() */
  readonly access?: Access;
  /** Who listens before the registry. @default FrontTier.varnish() */
  readonly frontTier?: FrontTier;
  /** Pods per upstream; more than one needs storage that is shared. @default 1 */
  readonly replicas?: number;
  /** Image of the registry (distribution ≥ 3.1.2), with tag or digest. @default ghcr.io/distribution/distribution:3.1.2 */
  readonly image?: string;
  /** Image that runs the programs of the init containers. @default public.ecr.aws/docker/library/node:20-bookworm-slim */
  readonly programImage?: string;
  /**
   * Age at which a cached object is dropped, from its first pull; `0s` keeps everything.
   * Dropping may hit layers that other images share: https://github.com/distribution/distribution/issues/2367.
   * @default 0s
   */
  readonly ttl?: Duration;
  /** How the cache is reached from outside its Pods: NodePort, or LoadBalancer with annotations. @default NodePort */
  readonly service?: CacheService;
  /** Memory limit of a registry in MiB; a rule of thumb is 12 MiB for each node that pulls at once. @default 2048 */
  readonly memoryLimitMiB?: number;
  /** CPU request of a registry in thousandths of a core. @default 100 */
  readonly cpuRequestMillis?: number;
  /** PriorityClass of the cache's Pods. @default the cluster's default class */
  readonly priorityClassName?: string;
  /** How much the registry logs, as JSON: error, warn, info or debug. @default warn */
  readonly logLevel?: RegistryLogLevel;
  /** Namespace whose Pods may read the metrics. @default monitoring */
  readonly monitoringNamespace?: string;
}
