import { expect } from '@jest/globals';
import type { TestCluster } from './cluster';
import type { DeployedCache } from './deployed-cache';
import { runOnce } from './test-pod';

/** What a Pod's image cost. */
export interface Passage {
  /** Of the image's layer, which nobody had seen before. */
  readonly bytes: number;
  /** From the Pod's creation until it ran. */
  readonly seconds: number;
}

/** Runs a new image in a Pod, and fails when its bytes did not come through the cache. */
export async function throughTheCache(
  cluster: TestCluster,
  cache: DeployedCache,
  image: string,
): Promise<Passage> {
  const bytes = await cluster.world.publish(`library/${image}`);
  const pulled = await cache.blobBytes('pulled');
  const pushed = await cache.blobBytes('pushed');
  const seconds = await runOnce(cluster, image);
  expect((await cache.blobBytes('pulled')) - pulled).toBeGreaterThanOrEqual(bytes);
  expect((await cache.blobBytes('pushed')) - pushed).toBeGreaterThanOrEqual(bytes);
  return { bytes, seconds };
}

/** Says it in words. */
export const inWords = ({ bytes, seconds }: Passage) =>
  `${bytes} new bytes came through the cache, the Pod ran after ${seconds.toFixed(1)} s`;
