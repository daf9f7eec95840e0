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
import { clusterShape, shapeProblems } from './shape';
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
    isDnsLabel(value)
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

/** Nobody would use mirrors without nodes; a cache may be used by hand. */
function missingNodes({
  mirrors,
  nodes,
}: {
  readonly mirrors?: unknown;
  readonly nodes?: unknown;
}): Problem[] {
  if (mirrors === undefined || nodes !== undefined) return [];
  return [
    {
      property: 'nodes',
      problem: 'is missing, so no node would use the mirrors',
      remedy: "state it: nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.containerd() }] }",
    },
  ];
}

/** Everything that is wrong with a cluster, all at once; nothing that fails silently passes. */
export function clusterProblems(cluster: Cluster): Problem[] {
  const shape = shapeProblems(clusterShape, cluster);
  if (shape.length > 0) return shape;
  const kind = kindProblems(cluster);
  const own = [...unknownKeys('', cluster, clusterKeys), ...nameProblems(cluster), ...kind];
  if (kind.length > 0) return own;
  const { cache, mirrors, nodes } = cluster;
  return [
    ...own,
    ...(cache === undefined ? [] : problemsBelow('cache', cacheProblems(cache))),
    ...(mirrors === undefined ? [] : mirrorsProblems(mirrors)),
    ...missingNodes(cluster),
    ...(nodes === undefined ? [] : problemsBelow('nodes', nodesProblems(nodes))),
    ...nodeAccessProblems(cluster),
    ...reachabilityProblems(cluster),
    ...ownImagesProblems(cluster),
  ];
}
