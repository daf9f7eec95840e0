import * as pulumi from '@pulumi/pulumi';
import { join, resolve } from 'node:path';
import { InvalidClusterError } from '../lib';
import { openProject } from '../lib/cli/clusters/bundle-cache';
import {
  ClusterFileError,
  clusterNames,
  clustersFolder,
  selectClusters,
} from '../lib/cli/clusters/cluster-files';
import { loadCluster } from '../lib/cli/clusters/load-cluster';
import { loadPrograms } from '../lib/cli/clusters/load-programs';
import { type ClusterOutputs, clusterStack } from '../lib/pulumi';

/** Applies the cluster that has the stack's name. */
async function main(): Promise<ClusterOutputs> {
  const root = resolve(__dirname, '..');
  const name = pulumi.getStack();
  const folder = clustersFolder(root);
  selectClusters(clusterNames(folder), [name]);
  const library = { root, file: join(root, 'lib/index.ts') };
  const cluster = await loadCluster({ project: openProject(root), folder, library }, name);
  return clusterStack(cluster, { programs: await loadPrograms(root), now: new Date() });
}

/** What a person has to mend is told without a stack trace. */
function withoutTrace(error: unknown): unknown {
  const isProblem = error instanceof InvalidClusterError || error instanceof ClusterFileError;
  return isProblem ? new pulumi.RunError(error.message) : error;
}

export = () =>
  main().catch((error: unknown) => {
    throw withoutTrace(error);
  });
