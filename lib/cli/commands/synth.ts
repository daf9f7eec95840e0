import { Command } from 'commander';
import { relative, resolve } from 'node:path';
import { CliFailure, type CliIo, UsageError } from '../cli-io';
import { openProject } from '../clusters/bundle-cache';
import { clustersFolder } from '../clusters/cluster-files';
import type { RunningLibrary } from '../clusters/load-cluster';
import { synthClusters } from '../clusters/synth-clusters';
import { addPlanOptions, hasPlanOptions, type PlanFlags } from '../plan-options';
import { planFromFiles } from '../plan-from-files';
import { clusterOfPlan } from '../../openpai';

interface SynthFlags extends PlanFlags {
  readonly out: string;
  readonly config?: string;
  readonly json?: true;
}

const examples = `
Examples:
  docker-cache synth                                 every cluster of stacks/clusters, into dist
  docker-cache synth openpai --out manifests         one of them
  docker-cache synth --config config.yaml --layout layout.yaml
                                                     an OpenPAI cluster, without a file of its own`;

/** `docker-cache synth`: the manifests, the same bytes as \`npx cdk8s synth\`. */
export function synthCommand(io: CliIo, library: RunningLibrary): Command {
  const command = new Command('synth')
    .description('Writes the manifests of clusters: all that were asked for, or none.')
    .argument('[cluster...]', 'names of clusters', [])
    .option('--out <folder>', 'folder of the manifests', 'dist')
    .option('--config <config.yaml>', "an OpenPAI file instead of clusters' files")
    .option('--json', 'prints JSON');
  return addPlanOptions(command)
    .addHelpText('after', examples)
    .action(async (names: readonly string[], flags: SynthFlags) => {
      if (flags.config !== undefined && names.length > 0) {
        throw new UsageError(`--config makes one cluster itself; leave out ${names.join(', ')}`);
      }
      if (flags.config === undefined && hasPlanOptions(flags)) {
        throw new UsageError('options of import need --config, the OpenPAI file that they complete');
      }
      const made = flags.config === undefined ? undefined : planFromFiles(io, flags.config, flags);
      for (const warning of made?.warnings ?? []) io.error(`warning: ${warning}\n`);
      const project = openProject(io.folder);
      const outdir = resolve(io.folder, flags.out);
      const result = await synthClusters({
        project,
        folder: clustersFolder(project.root),
        library,
        names,
        extra: made === undefined ? [] : [clusterOfPlan(made.plan)],
        outdir,
      });
      if ('lines' in result) throw new CliFailure(result.lines);
      const files = result.written.map((name) => relative(io.folder, resolve(outdir, `${name}.k8s.yaml`)));
      io.out(flags.json ? `${JSON.stringify({ written: files }, undefined, 2)}\n` : `${files.join('\n')}\n`);
    });
}
