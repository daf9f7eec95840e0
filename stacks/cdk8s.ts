import { join } from 'node:path';
import { openProject } from '../lib/cli/clusters/bundle-cache';
import { clustersFolder } from '../lib/cli/clusters/cluster-files';
import type { RunningLibrary } from '../lib/cli/clusters/load-cluster';
import { synthClusters } from '../lib/cli/clusters/synth-clusters';

/** Checks the clusters that `CLUSTER` names, or all, and writes them to `CDK8S_OUTDIR`; the exit code. */
export async function main(library: RunningLibrary): Promise<number> {
  const { CLUSTER: wanted = '', CDK8S_OUTDIR: outdir = join(library.root, 'dist') } = process.env;
  const result = await synthClusters({
    project: openProject(library.root),
    folder: clustersFolder(library.root),
    library,
    names: wanted.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()])),
    outdir,
  });
  if ('written' in result) return 0;
  process.stderr.write(`${result.lines.join('\n')}\n`);
  return 1;
}
