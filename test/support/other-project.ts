import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const examples = resolve(__dirname, '../../stacks/clusters');

/** A temporary project of somebody else, with the example clusters as they would be there: importing the package. */
export function otherProject(): string {
  const root = mkdtempSync(join(tmpdir(), 'docker-cache-project-'));
  mkdirSync(join(root, 'stacks/clusters'), { recursive: true });
  for (const file of readdirSync(examples)) {
    const text = readFileSync(join(examples, file), 'utf8');
    writeFileSync(join(root, 'stacks/clusters', file), text.replace("'../../lib'", "'docker-cache'"));
  }
  return root;
}
