import { createHash } from 'node:crypto';

/** A hash of files, so that changed content rolls the Pods that mount it. */
export function contentHash(files: Readonly<Record<string, string>>): string {
  return createHash('sha256').update(JSON.stringify(files)).digest('hex').slice(0, 16);
}
