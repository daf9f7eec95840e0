import { App, Chart, YamlOutputType } from 'cdk8s';
import type { Cluster } from './cluster';
import { ImageCache } from './image-cache';
import { ClusterNodes } from './cluster-nodes';
import { cacheNodeMirrors, customNodeMirrors } from './node-mirror';
import { InvalidClusterError } from './problem';
import type { Programs } from './programs';
import { namespacesOf, resolveCache } from './resolved-cache';
import { clusterProblems } from './validation/cluster';

export interface ClusterAppOptions {
  /** The programs that run in the cluster. */
  readonly programs: Programs;
  /** Folder that `synth` writes to. @default what the cdk8s CLI says, else `dist` */
  readonly outdir?: string;
}

/**
 * A cluster's data as Kubernetes objects: one App with one chart, `<cluster>.k8s.yaml` when it is written.
 *
 * @throws InvalidClusterError with every problem of the data
 */
export function clusterApp(cluster: Cluster, { programs, outdir }: ClusterAppOptions): App {
  const problems = clusterProblems(cluster);
  if (problems.length > 0) throw new InvalidClusterError(cluster.name, problems);
  const app = new App({ outdir, yamlOutputType: YamlOutputType.FILE_PER_CHART });
  const chart = new Chart(app, cluster.name, { disableResourceNameHashes: true });
  const namespaces = namespacesOf(cluster);
  const mirrors =
    cluster.cache === undefined
      ? customNodeMirrors(cluster.mirrors)
      : cacheNodeMirrors(
          new ImageCache(chart, 'cache', {
            namespace: namespaces.cache,
            cache: resolveCache(cluster.cache),
            programs,
          }).mirrors,
          cluster.nodes?.endpoint,
        );
  if (cluster.nodes !== undefined) {
    new ClusterNodes(chart, 'nodes', {
      namespace: namespaces.nodes,
      nodes: cluster.nodes,
      mirrors,
      programs,
    });
  }
  return app;
}
