import { Access } from './access';
import type { Cluster } from './cluster';
import { FrontTier } from './front-tier';
import type { ImageCacheOptions } from './image-cache-options';
import { defaultNodeImage, defaultRegistryImage } from './images';
import { product } from './names';
import { Upstream } from './upstream';

/** An upstream whose port is known. */
export type ServedUpstream = Upstream & { readonly nodePort: number };

/** The port of a sole upstream, which OpenPAI's nodes know. */
export const defaultNodePort = 30500;

/** The options of a cache with every default in place. */
export interface ResolvedCache extends Required<Omit<ImageCacheOptions, 'upstreams' | 'priorityClassName'>> {
  readonly upstreams: readonly ServedUpstream[];
  readonly priorityClassName?: string;
}

/** The namespaces of a cluster. */
export function namespacesOf({ namespaces }: Pick<Cluster, 'namespaces'>): { cache: string; nodes: string } {
  return { cache: namespaces?.cache ?? product, nodes: namespaces?.nodes ?? `${product}-nodes` };
}

/** Puts every default in place, once; a checked cluster states the ports of several upstreams itself. */
export function resolveCache(options: ImageCacheOptions): ResolvedCache {
  return {
    storage: options.storage,
    upstreams: (options.upstreams ?? [Upstream.dockerHub()]).map((upstream) => ({
      ...upstream,
      nodePort: upstream.nodePort ?? defaultNodePort,
    })),
    access: options.access ?? Access.open(),
    frontTier: options.frontTier ?? FrontTier.varnish(),
    replicas: options.replicas ?? 1,
    image: options.image ?? defaultRegistryImage,
    programImage: options.programImage ?? defaultNodeImage,
    ttl: options.ttl ?? '0s',
    service: options.service ?? { type: 'NodePort' },
    memoryLimitMiB: options.memoryLimitMiB ?? 2048,
    cpuRequestMillis: options.cpuRequestMillis ?? 100,
    priorityClassName: options.priorityClassName,
    logLevel: options.logLevel ?? 'warn',
    monitoringNamespace: options.monitoringNamespace ?? 'monitoring',
  };
}
