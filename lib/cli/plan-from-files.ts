import { problemLine } from '../problem';
import {
  type CachePlan,
  clusterOfPlan,
  type KubeMaster,
  type OpenpaiSecrets,
  planCluster,
  type PlanGap,
  readLayout,
  readOpenpaiConfig,
  settingLine,
  type UsedNames,
} from '../openpai';
import { clusterProblems } from '../validation/cluster';
import { CliFailure, type CliIo, readText, UsageError } from './cli-io';
import { type PlanFlags, plannedRuntime } from './plan-options';

/** The name of a cluster that nobody named. */
export const defaultClusterName = 'openpai';

/** A cluster that was made of OpenPAI's files. */
export interface PlannedFromFiles {
  readonly plan: CachePlan;
  readonly secrets: OpenpaiSecrets;
  /** The names that the file has for its settings. */
  readonly names: UsedNames;
  /** A line each. */
  readonly warnings: readonly string[];
}

/** An OpenPAI file that turns the cache on, or a failure with its lines. */
export function enabledConfig(io: CliIo, file: string) {
  const config = readOpenpaiConfig(readText(io, file));
  switch (config.state) {
    case 'enabled':
      return config;
    case 'disabled':
      throw new CliFailure([`${file}: ${config.reason}`]);
    case 'invalid':
      throw new CliFailure(config.problems.map((problem) => settingLine(file, problem)));
  }
}

function masterOf(io: CliIo, layout: string | undefined): KubeMaster | undefined {
  if (layout === undefined) return undefined;
  const reading = readLayout(readText(io, layout));
  if ('master' in reading) return reading.master;
  throw new CliFailure(reading.problems.map((problem) => settingLine(layout, problem)));
}

function refuseGaps(file: string, htpasswd: string, gaps: readonly PlanGap[]): never {
  const access = gaps.find(({ kind }) => kind === 'access');
  const node = gaps.find(({ kind }) => kind === 'node');
  const nodeMissing =
    'the filesystem backend keeps images on one node; name it with --layout layout.yaml (its first master) or --node NAME';
  if (access === undefined) throw new UsageError(nodeMissing);
  throw new CliFailure([
    `${file}: ${htpasswd} asks for a login that never worked in OpenPAI: dockerd sends none to a mirror, is answered 401 and goes to Docker Hub; nodes need TLS, a login of their own and a runtime that sends it: give ${access.missing.join(', ')}`,
    ...(node === undefined ? [] : [`${file}: ${nodeMissing}`]),
  ]);
}

function refuseUnused({ withUsers }: { readonly withUsers: boolean }, flags: PlanFlags): void {
  const given = [
    ['--host', flags.host],
    ['--tls-secret', flags.tlsSecret],
    ['--ca-secret', flags.caSecret],
    ['--login-secret', flags.loginSecret],
  ].flatMap(([option, value]) => (value === undefined ? [] : [option]));
  if (withUsers || given.length === 0) return;
  throw new UsageError(`${given.join(', ')}: only a file with docker_cache_htpasswd has users; leave it out`);
}

/**
 * The cluster of an OpenPAI file and the options that complete it.
 *
 * @throws CliFailure with every problem, UsageError where the command line is the problem
 */
export function planFromFiles(io: CliIo, file: string, flags: PlanFlags): PlannedFromFiles {
  const runtime = plannedRuntime(flags);
  const config = enabledConfig(io, file);
  const master = masterOf(io, flags.layout);
  refuseUnused(config.settings, flags);
  if (flags.node !== undefined && config.settings.storage.type === 'azure') {
    throw new UsageError('--node: only the filesystem backend keeps images on a node; leave it out');
  }
  const { name = defaultClusterName, node, nodePort } = flags;
  const plan = planCluster(config.settings, { name, runtime, node, master, nodePort, access: flags });
  if ('gaps' in plan) refuseGaps(file, config.names.htpasswd ?? 'docker_cache_htpasswd', plan.gaps);
  const problems = clusterProblems(clusterOfPlan(plan));
  if (problems.length > 0)
    throw new CliFailure(problems.map((problem) => `${name}: ${problemLine(problem)}`));
  return {
    plan,
    secrets: config.secrets,
    names: config.names,
    warnings: [
      ...config.warnings.map((warning) => settingLine(file, warning)),
      ...(master === undefined
        ? [
            "without --layout the mirror that OpenPAI wrote to the nodes stays there; give its layout.yaml if OpenPAI's own cache ever ran",
          ]
        : []),
    ],
  };
}
