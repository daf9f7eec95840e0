/** Blobs that are downloaded into the store at the same time; the next ones wait for their turn. */
export const storedAtOnce = 6;

/** Where manifests, tags and logins are kept: in memory, so that blobs never displace them. */
export const manifestStoreBytes = 64 * 1024 * 1024;

/**
 * The largest blob that goes into the store: with all that are on their way of this size, there is room for each
 * of them, so that none is cut. A larger one is passed on without being kept.
 */
export function largestStoredBlob(storeBytes: number): number {
  return Math.floor((0.95 * storeBytes) / storedAtOnce);
}
