import type { Cluster, NodePool } from '../cluster';
import { mirrorUrl } from '../mirror-url';
import { isDockerClassic, type NodeRuntime } from '../node-runtime';
import type { Problem } from '../problem';
import { resolveCache } from '../resolved-cache';
import { dockerHubHost } from '../upstream';
import { isBareUrl } from './upstream';

interface Served {
  readonly property: string;
  readonly host: string;
}

function servedRegistries(cluster: Cluster): Served[] {
  return cluster.cache === undefined
    ? cluster.mirrors.map(({ host }, index) => ({ property: `mirrors[${index}].host`, host }))
    : resolveCache(cluster.cache).upstreams.map(({ host }, index) => ({
        property: `cache.upstreams[${index}].host`,
        host,
      }));
}

/** Whether a runtime can be told to ask a mirror for a registry's images. */
export function canMirror(runtime: NodeRuntime, host: string): boolean {
  return !isDockerClassic(runtime) || host === dockerHubHost;
}

/** A registry that no pool can mirror is served to nobody. */
function unusedRegistries(cluster: Cluster, pools: readonly NodePool[]): Problem[] {
  return servedRegistries(cluster)
    .filter(({ host }) => !pools.some(({ runtime }) => canMirror(runtime, host)))
    .map(({ property, host }) => ({
      property,
      problem: "is never used: docker's classic image store mirrors Docker Hub only",
      value: host,
      remedy: "add a pool of another runtime, or NodeRuntime.docker({ imageStore: 'containerd' })",
    }));
}

/** dockerd refuses to start on a mirror that is more than scheme, host and port. */
function classicMirrorUrls(cluster: Cluster, pools: readonly NodePool[]): Problem[] {
  if (cluster.mirrors === undefined || !pools.some(({ runtime }) => isDockerClassic(runtime))) return [];
  return cluster.mirrors.flatMap(({ host, url }, index) =>
    host !== dockerHubHost || isBareUrl(mirrorUrl(url))
      ? []
      : [
          {
            property: `mirrors[${index}].url`,
            problem: 'holds more than scheme, host and port, which keeps dockerd from starting',
            value: url,
            remedy: "remove path and query, or use NodeRuntime.docker({ imageStore: 'containerd' })",
          },
        ],
  );
}

/** What would silently never be used, or stop a runtime, when these nodes ask these registries. */
export function reachabilityProblems(cluster: Cluster): Problem[] {
  const pools = cluster.nodes?.pools ?? [];
  if (pools.length === 0) return [];
  return [...unusedRegistries(cluster, pools), ...classicMirrorUrls(cluster, pools)];
}
