import { describe, expect, it } from '@jest/globals';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterApp } from '../lib';
import { standInPrograms } from './support/programs';
import { exampleClusters } from './support/example-clusters';

const update = process.argv.includes('--updateSnapshot') || process.env['UPDATE_SNAPSHOTS'] === 'true';

describe('the manifests of the example clusters', () => {
  it.each(exampleClusters)('$name is as reviewed', (cluster) => {
    const file = join(__dirname, '__snapshots__', `${cluster.name}.k8s.yaml`);
    const manifest = clusterApp(cluster, { programs: standInPrograms }).synthYaml();
    if (update) writeFileSync(file, manifest);
    expect(manifest).toBe(readFileSync(file, 'utf8'));
  });
});
