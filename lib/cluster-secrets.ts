import type { AuthSecret } from './auth-secret';
import type { Cluster, NodesOptions } from './cluster';
import type { ImageCacheOptions } from './image-cache-options';
import { namespacesOf } from './resolved-cache';

/** A Secret that a cluster reads, and where. */
export interface ClusterSecret {
  readonly namespace: string;
  readonly secret: AuthSecret;
}

function cacheSecrets({ storage, upstreams = [], access }: ImageCacheOptions): readonly AuthSecret[] {
  return [
    storage.azure?.credentials.secret,
    ...upstreams.flatMap(({ credentials, ca }) => [credentials, ca]),
    ...(access?.type === 'htpasswd' ? [access.users, access.tls] : []),
  ].filter((secret) => secret !== undefined);
}

/** A node is put back from its own record, without any Secret. */
function nodeSecrets({ mode, ca, login }: NodesOptions): readonly AuthSecret[] {
  return mode === 'restore' ? [] : [ca, login].filter((secret) => secret !== undefined);
}

/** Every Secret that the objects of a cluster refer to, each once in each namespace. */
export function clusterSecrets(cluster: Cluster): readonly ClusterSecret[] {
  const namespaces = namespacesOf(cluster);
  const all = [
    ...(cluster.cache === undefined ? [] : cacheSecrets(cluster.cache)).map((secret) => ({
      namespace: namespaces.cache,
      secret,
    })),
    ...(cluster.nodes === undefined ? [] : nodeSecrets(cluster.nodes)).map((secret) => ({
      namespace: namespaces.nodes,
      secret,
    })),
  ];
  return [...new Map(all.map((entry) => [JSON.stringify(entry), entry])).values()];
}
