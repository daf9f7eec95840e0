import { Command } from 'commander';
import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { problemLine } from '../../problem';
import { type ClusterPlan, clusterOfPlan, clusterSource, shortcomings } from '../../openpai';
import { clusterProblems } from '../../validation/cluster';
import { CliFailure, type CliIo, isExistsError, reason, UsageError } from '../cli-io';
import { clusterFile, clustersFolder } from '../clusters/cluster-files';
import type { RunningLibrary } from '../clusters/load-cluster';
import { importReport, type ImportReport } from '../import-report';
import { defaultClusterName, planFromFiles } from '../plan-from-files';
import { addPlanOptions, type PlanFlags, plannedRuntime } from '../plan-options';

interface ImportFlags extends PlanFlags {
  readonly out?: string;
  readonly mirror?: string;
  readonly force?: true;
  readonly json?: true;
}

const examples = `
Examples:
  docker-cache import config.yaml --layout layout.yaml
  docker-cache import config.yaml --layout layout.yaml --node-port 30501
                                       while OpenPAI's own cache still has port 30500
  docker-cache import config.yaml --host cache.example.com --tls-secret cache-tls --ca-secret cache-ca \\
    --login-secret cache-login --image-store containerd
                                       with docker_cache_htpasswd in the file
  docker-cache import --mirror 10.0.0.5:5000 --name lab
                                       a registry that others run`;

/** What cluster files of a folder import the library by: its source where that is in the same project. */
function libraryFrom(file: string, { root }: RunningLibrary): string {
  const source = join(root, 'lib');
  if (!file.startsWith(`${root}${sep}`) || !existsSync(join(source, 'index.ts'))) return 'docker-cache';
  return relative(dirname(file), source).split(sep).join('/');
}

function targetOf(io: CliIo, { name, out }: ImportFlags): { readonly name: string; readonly file: string } {
  if (out === undefined) {
    const named = name ?? defaultClusterName;
    return { name: named, file: clusterFile(clustersFolder(io.folder), named) };
  }
  const named = basename(out, '.ts');
  if (!out.endsWith('.ts') || (name !== undefined && name !== named)) {
    throw new UsageError(
      `--out must end in ${name ?? 'NAME'}.ts: the file's name is the cluster's (was ${out})`,
    );
  }
  return { name: named, file: resolve(io.folder, out) };
}

function mirrorPlan(mirror: string, name: string, flags: ImportFlags): ClusterPlan {
  const unused = (
    ['layout', 'node', 'nodePort', 'host', 'tlsSecret', 'caSecret', 'loginSecret'] as const
  ).filter((key) => flags[key] !== undefined);
  if (unused.length > 0) {
    throw new UsageError(
      "with --mirror there is no cache of one's own; only --name, --out, --runtime and --image-store go with it",
    );
  }
  const plan = { name, mirror, runtime: plannedRuntime(flags), replaces: [] };
  const problems = clusterProblems(clusterOfPlan(plan));
  if (problems.length > 0)
    throw new CliFailure(problems.map((problem) => `${name}: ${problemLine(problem)}`));
  return plan;
}

function writeCluster(io: CliIo, file: string, text: string, { force }: ImportFlags): void {
  try {
    io.write(file, text, { replace: force === true });
  } catch (error) {
    const shown = relative(io.folder, file);
    throw new CliFailure([
      isExistsError(error)
        ? `${shown} is there already; replace it with --force, or choose another --name`
        : `${shown} cannot be written: ${reason(error)}`,
    ]);
  }
}

/** `docker-cache import`: a cluster file from what OpenPAI was told. */
export function importCommand(io: CliIo, library: RunningLibrary): Command {
  const command = new Command('import')
    .description("Writes a cluster file from OpenPAI's config.yaml, and says what is wrong there.")
    .argument('[config.yaml]', "OpenPAI's settings; - is standard input")
    .option('--out <file.ts>', 'the cluster file (default: stacks/clusters/<name>.ts)')
    .option('--force', 'replaces the cluster file when it is there')
    .option(
      '--mirror <ip:port>',
      "instead of a config.yaml: a registry that others run, the playbook's docker_cache_host",
    )
    .option('--json', 'prints JSON');
  return addPlanOptions(command)
    .addHelpText('after', examples)
    .action((config: string | undefined, flags: ImportFlags) => {
      const { name, file } = targetOf(io, flags);
      let report: Omit<ImportReport, 'file'>;
      if (config !== undefined && flags.mirror === undefined) {
        const { plan, names, warnings } = planFromFiles(io, config, { ...flags, name });
        report = { plan, config, warnings, shortcomings: shortcomings(plan, names) };
      } else if (config === undefined && flags.mirror !== undefined) {
        report = { plan: mirrorPlan(flags.mirror, name, flags), warnings: [], shortcomings: [] };
      } else {
        throw new UsageError("give OpenPAI's config.yaml, or --mirror, and not both");
      }
      writeCluster(io, file, clusterSource(report.plan, libraryFrom(file, library)), flags);
      const written = { ...report, file: relative(io.folder, file) };
      io.out(importReport(written, { json: flags.json === true }));
    });
}
