import { describe, expect, it } from '@jest/globals';
import type { Cluster } from '../../lib';
import { AuthSecret, StorageBackend, Upstream } from '../../lib';
import { clusterProblems } from '../../lib/validation/cluster';
import { exampleClusters } from '../support/example-clusters';

/** A cluster file is not type-checked when it is synthesized: what TypeScript would refuse must be said too. */
const strange: readonly unknown[] = [undefined, null, 7, 'text', '', [], {}, true];

type Path = readonly (string | number)[];

function paths(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, child]) =>
    paths(child, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

function replaced(value: unknown, path: Path, by: unknown): unknown {
  const [first, ...rest] = path;
  if (first === undefined) return by;
  const copy: Record<string | number, unknown> | unknown[] = Array.isArray(value)
    ? [...(value as unknown[])]
    : { ...(value as object) };
  (copy as Record<string | number, unknown>)[first] = replaced(
    (value as Record<string | number, unknown>)[first],
    rest,
    by,
  );
  return copy;
}

describe('data that TypeScript would refuse', () => {
  it.each(exampleClusters)('of $name becomes problems, never a crash', (cluster) => {
    for (const path of paths(cluster)) {
      if (path.includes('problems') || path.includes('bind')) continue;
      for (const value of strange) {
        const broken = replaced(cluster, path, value) as Cluster;
        const found = (): unknown => clusterProblems(broken);
        expect({ path, value, found: attempt(found) }).toEqual({ path, value, found: expect.any(Array) });
      }
    }
  });

  it.each([
    ['hostPath', () => StorageBackend.hostPath({} as never)],
    ['azureBlob without a name', () => StorageBackend.azureBlob({} as never)],
    ['azureBlob without credentials', () => StorageBackend.azureBlob({ accountName: 'forexample' } as never)],
    [
      'azureBlob with a kind of credentials that does not exist',
      () =>
        StorageBackend.azureBlob({
          accountName: 'forexample',
          credentials: { type: 'sas', secret: AuthSecret.azureAccountKey('x') } as never,
        }),
    ],
    ['persistentVolumeClaim', () => StorageBackend.persistentVolumeClaim({} as never)],
    [
      'hostPath with a misspelt option',
      () => StorageBackend.hostPath({ node: 'node-1', prepard: true } as never),
    ],
  ])('of %s is a problem', (_title, storage) => {
    expect(clusterProblems({ name: 'test', cache: { storage: storage() } })).not.toEqual([]);
  });

  it('of an upstream without a host is a problem', () => {
    const upstreams = [Upstream.registry({} as never)];
    const storage = StorageBackend.hostPath({ node: 'node-1' });
    expect(clusterProblems({ name: 'test', cache: { storage, upstreams } })).not.toEqual([]);
  });
});

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return error instanceof Error ? error.stack : error;
  }
}
