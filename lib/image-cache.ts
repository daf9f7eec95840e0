import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { CacheRegistry } from './cache-registry';
import { product } from './names';
import { podSecurityNamespace } from './pod-security-namespace';
import type { Programs } from './programs';
import type { ResolvedCache } from './resolved-cache';

export interface ImageCacheProps {
  readonly namespace: string;
  readonly cache: ResolvedCache;
  readonly programs: Programs;
}

/** What a node must know to use the cache of one upstream. */
export interface CacheMirror {
  /** The registry whose images are served. */
  readonly host: string;
  /** The registry's public address, which a node falls back to. */
  readonly server: string;
  /** Port of every node that leads to the cache. */
  readonly nodePort: number;
  readonly scheme: 'http' | 'https';
}

/** The cache of one cluster: a cache registry for each upstream, in a namespace of their own. */
export class ImageCache extends Construct {
  /** What the nodes need to use this cache. */
  readonly mirrors: readonly CacheMirror[];

  constructor(scope: Construct, id: string, { namespace, cache, programs }: ImageCacheProps) {
    super(scope, id);
    podSecurityNamespace(this, namespace, cache.storage.podSecurity);
    new k8s.KubeServiceAccount(this, 'service-account', {
      metadata: {
        name: product,
        namespace,
        annotations: optional(cache.storage.serviceAccountAnnotations()),
      },
      automountServiceAccountToken: false,
    });
    for (const upstream of cache.upstreams) {
      new CacheRegistry(this, upstream.host, {
        namespace,
        serviceAccountName: product,
        upstream,
        cache,
        programs,
      });
    }
    this.mirrors = cache.upstreams.map(({ host, server, nodePort }) => ({
      host,
      server,
      nodePort,
      scheme: cache.access.type === 'htpasswd' ? 'https' : 'http',
    }));
  }
}

function optional(record: Readonly<Record<string, string>>): Record<string, string> | undefined {
  return Object.keys(record).length === 0 ? undefined : { ...record };
}
