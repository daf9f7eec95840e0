import type { NodePool } from '../cluster';
import { isDnsLabel } from '../names';
import type { Problem } from '../problem';
import { runtimeProblems } from './runtimes';
import { type KeysOf, unknownKeys } from './unknown-keys';

const poolKeys: KeysOf<Required<NodePool>> = {
  name: true,
  runtime: true,
  selector: true,
  canary: true,
  replaces: true,
  mergeForeignFiles: true,
};

/** The name of a cluster's sole pool. */
export const defaultPoolName = 'nodes';

const at = (index: number): string => `pools[${index}]`;

function poolProblems(pool: NodePool, index: number): Problem[] {
  const name = pool.name ?? defaultPoolName;
  return [
    ...unknownKeys(at(index), pool, poolKeys),
    ...runtimeProblems(`${at(index)}.runtime`, pool.runtime),
    ...(isDnsLabel(name) && name.length <= 40
      ? []
      : [
          {
            property: `${at(index)}.name`,
            problem: 'is not a name for objects',
            value: name,
            remedy: 'use at most 40 lower-case letters, digits and dashes',
          },
        ]),
  ];
}

/** Whether no node can have the labels of both: they want different values of one label. */
function disjoint(one: NodePool, other: NodePool): boolean {
  const labels = other.selector ?? {};
  return Object.entries(one.selector ?? {}).some(([key, value]) => key in labels && labels[key] !== value);
}

/** Two agents on one node would undo one another's work. */
function pairProblems(pools: readonly NodePool[], index: number): Problem[] {
  const pool = pools[index];
  if (pool === undefined) return [];
  return pools.slice(0, index).flatMap((earlier, first): Problem[] => {
    const name = pool.name ?? defaultPoolName;
    const sameName: Problem[] =
      name === (earlier.name ?? defaultPoolName)
        ? [
            {
              property: `${at(index)}.name`,
              problem: `is the name of ${at(first)} too`,
              value: name,
              remedy: 'give each of several pools a name of its own',
            },
          ]
        : [];
    if (disjoint(pool, earlier)) return sameName;
    return [
      ...sameName,
      {
        property: `${at(index)}.selector`,
        problem: `may match a node of ${at(first)} too, and two agents would write one file`,
        value: pool.selector ?? 'none',
        remedy: 'select both pools by one label with different values',
      },
    ];
  });
}

/** What is wrong with the pools of a cluster: each alone, and two together. */
export function poolsProblems(pools: readonly NodePool[]): Problem[] {
  if (pools.length === 0) {
    return [
      { property: 'pools', problem: 'is empty', remedy: 'state the kinds of nodes, or leave out nodes' },
    ];
  }
  return pools.flatMap((pool, index) => [...poolProblems(pool, index), ...pairProblems(pools, index)]);
}
