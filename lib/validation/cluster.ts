import type { Cluster } from '../cluster';
import { isDnsLabel } from '../names';
import { type Problem, problemsBelow } from '../problem';
import { namespacesOf } from '../resolved-cache';
import { cacheProblems } from './cache';
import { mirrorsProblems } from './mirrors';
import { nodeAccessProblems } from './node-access';
import { nodesProblems } from './nodes';
import { ownImagesProblems } from './own-images';
import { reachabilityProblems } from './reachability';
import { unknownKeys } from './unknown-keys';

const clusterKeys = { name: true, namespaces: true, cache: true, mirrors: true, nodes: true } as const;

function nameProblems(cluster: Cluster): Problem[] {
  const namespaces = namespacesOf(cluster);
  const names = [
    { property: 'name', value: cluster.name },
    { property: 'namespaces.cache', value: namespaces.cache },
    { property: 'namespaces.nodes', value: namespaces.nodes },
  ];
  const wrong = names.flatMap(({ property, value }): Problem[] =>
    typeof value === 'string' && isDnsLabel(value)
      ? []
      : [
          {
            property,
            problem: 'is not a name',
            value,
            remedy: 'use at most 63 lower-case letters, digits and dashes',
          },
        ],
  );
  if (namespaces.cache !== namespaces.nodes) return wrong;
  return [
    ...wrong,
    {
      property: 'namespaces.nodes',
      problem: "is the cache's namespace too, which would have to be privileged then",
      value: namespaces.nodes,
      remedy: 'name two namespaces',
    },
  ];
}

function kindProblems(cluster: Cluster): Problem[] {
  const both: { readonly cache?: unknown; readonly mirrors?: unknown } = cluster;
  if (both.cache !== undefined && both.mirrors !== undefined) {
    return [
      {
        property: 'mirrors',
        problem: 'and cache exclude one another',
        remedy: 'remove mirrors, or remove cache to use registries that others run',
      },
    ];
  }
  if (both.cache === undefined && both.mirrors === undefined) {
    return [
      {
        property: 'cache',
        problem: 'is missing',
        remedy: 'state a cache of your own, or mirrors that others run',
      },
    ];
  }
  return [];
}

/** Everything that is wrong with a cluster, all at once; nothing that fails silently passes. */
export function clusterProblems(cluster: Cluster): Problem[] {
  const kind = kindProblems(cluster);
  const own = [...unknownKeys('', cluster, clusterKeys), ...nameProblems(cluster), ...kind];
  if (kind.length > 0) return own;
  const { cache, mirrors, nodes } = cluster;
  const parts = [
    ...(cache === undefined ? [] : problemsBelow('cache', cacheProblems(cache))),
    ...(mirrors === undefined ? [] : mirrorsProblems(mirrors)),
    ...(nodes === undefined ? [] : problemsBelow('nodes', nodesProblems(nodes))),
    ...(mirrors !== undefined && (nodes as unknown) === undefined
      ? [
          {
            property: 'nodes',
            problem: 'is missing, so no node would use the mirrors',
            remedy: "state it: nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.containerd() }] }",
          },
        ]
      : []),
  ];
  // Combinations are looked at once their parts are whole.
  const whole = cache === undefined || (cache.storage as unknown) !== undefined;
  const combined = whole
    ? [...nodeAccessProblems(cluster), ...reachabilityProblems(cluster), ...ownImagesProblems(cluster)]
    : [];
  return [...own, ...parts, ...combined];
}
