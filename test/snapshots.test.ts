import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { exampleClusters } from './support/example-clusters';
import { manifestSnapshot } from './support/manifest-snapshot';

describe('the manifests of the example clusters', () => {
  it.each(exampleClusters)('$name is as reviewed', (cluster) => {
    const file = join(__dirname, '__snapshots__', `${cluster.name}.k8s.yaml`);
    const manifest = manifestSnapshot(cluster);
    if (process.env['UPDATE_SNAPSHOTS'] === 'true') writeFileSync(file, manifest);
    expect(manifest).toBe(readFileSync(file, 'utf8'));
  });
});
