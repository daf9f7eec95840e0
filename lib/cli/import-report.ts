import { product } from '../names';
import { type ClusterPlan, importedSecrets, type Shortcoming } from '../openpai';

/** What an import did and what is to be done next. */
export interface ImportReport {
  readonly plan: ClusterPlan;
  /** The cluster file that was written. */
  readonly file: string;
  /** OpenPAI's file. */
  readonly config?: string;
  readonly warnings: readonly string[];
  readonly shortcomings: readonly Shortcoming[];
}

function cacheSecretLines({ plan, config }: ImportReport): readonly string[] {
  if (config === undefined || 'mirror' in plan) return [];
  const hasSecret = plan.storage.type === 'azure' || plan.users !== undefined;
  return hasSecret ? [`docker-cache secret ${config} | kubectl apply -f -`] : [];
}

function accessSecretLines({ plan }: ImportReport): readonly string[] {
  if ('mirror' in plan || plan.users === undefined) return [];
  const { tlsSecret, caSecret, loginSecret } = plan.users;
  const files = [
    `${tlsSecret}.certificate=tls.crt`,
    `${tlsSecret}.privateKey=tls.key`,
    `${caSecret}.certificate=ca.crt`,
    `${loginSecret}.username=username`,
    `${loginSecret}.password=password`,
  ];
  return [
    `docker-cache secret ${plan.name} ${files.map((file) => `--file ${file}`).join(' ')} | kubectl apply -f -`,
  ];
}

/** Two Services cannot have one port: the second is refused when it is applied. */
function portNote({ plan, config }: ImportReport): readonly string[] {
  if (config === undefined || 'mirror' in plan || plan.nodePort !== undefined) return [];
  return [
    "While OpenPAI's own cache runs, its Service has port 30500: import with --node-port 30501, or remove it first.",
  ];
}

/** The commands that follow, in their order: Pods wait for their Secrets, Secrets for their namespace. */
function nextLines(report: ImportReport): readonly string[] {
  const { name } = report.plan;
  return [
    `docker-cache synth ${name}`,
    `kubectl apply --server-side -f dist/${name}.k8s.yaml`,
    ...cacheSecretLines(report),
    ...accessSecretLines(report),
    `kubectl -n ${product}-nodes logs -l ${product}/pool=nodes --prefix --tail=-1`,
  ];
}

function asText(report: ImportReport): string {
  const { plan, file, warnings } = report;
  const found = report.shortcomings.flatMap(({ there, here }) => [`  - ${there}`, `    here: ${here}`]);
  const taken = plan.replaces.map((url) => `The nodes let go of ${url} when they are pointed at this cache.`);
  return [
    `wrote ${file}`,
    ...warnings.map((warning) => `warning: ${warning}`),
    ...(found.length === 0
      ? []
      : ['', "What OpenPAI's own docker-cache gets wrong with these settings:", ...found]),
    '',
    ...taken,
    ...portNote(report),
    "Next; nodes are only shown what would change until the cluster file says mode: 'apply':",
    ...nextLines(report).map((line) => `  ${line}`),
    '',
  ].join('\n');
}

function asJson(report: ImportReport): string {
  const { plan, file, warnings, shortcomings } = report;
  const secrets = 'mirror' in plan ? [] : Object.values(importedSecrets);
  const used = secrets.filter((name) =>
    name === importedSecrets.accountKey ? isAzure(plan) : hasUsers(plan),
  );
  const value = { file, cluster: plan.name, warnings, shortcomings, secrets: used, next: nextLines(report) };
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function isAzure(plan: ClusterPlan): boolean {
  return !('mirror' in plan) && plan.storage.type === 'azure';
}

function hasUsers(plan: ClusterPlan): boolean {
  return !('mirror' in plan) && plan.users !== undefined;
}

/** The report of an import, for a person or a program. */
export function importReport(report: ImportReport, { json }: { readonly json: boolean }): string {
  return json ? asJson(report) : asText(report);
}
