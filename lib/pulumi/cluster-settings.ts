import * as pulumi from '@pulumi/pulumi';
import type { Cluster } from '../cluster';
import type { AzureBlobOptions } from '../storage/azure-blob';
import { product } from '../names';
import { namespacesOf } from '../resolved-cache';
import { type AppliedSecret, appliedSecret } from './applied-secret';
import type { AzureSettings } from './azure-settings';
import type { BlobAccess } from './blob-account';
import { type ClusterSecret, clusterSecrets } from '../cluster-secrets';
import { secretSettingNames, secretSettings } from './secret-settings';
import { refuse, settingLine, settingNames, type SettingProblem } from './setting';
import { readStackSettings, type StackSettings, stackSettingNames } from './stack-settings';

/** The storage account that a stack makes. */
export interface NewAccount {
  /** As the cluster has it. */
  readonly options: AzureBlobOptions;
  /** As the stack has it. */
  readonly settings: AzureSettings;
  readonly access: BlobAccess;
}

/** Everything that a stack must know about one cluster besides its data. */
export interface ClusterSettings extends Omit<StackSettings, 'azure' | 'existingSecrets'> {
  readonly newAccount?: NewAccount;
  /** The Secrets whose values are settings. */
  readonly secrets: readonly AppliedSecret[];
}

interface Plan extends Pick<ClusterSettings, 'newAccount'> {
  /** Secrets that are read from the settings: neither the new account's nor those of others. */
  readonly fromSettings: readonly ClusterSecret[];
  readonly problems: readonly SettingProblem[];
}

/** How the cache will use the new account, or undefined where nobody could vouch for the ServiceAccount. */
function accessOf(
  cluster: Cluster,
  options: AzureBlobOptions,
  { issuer }: AzureSettings,
): BlobAccess | undefined {
  if (options.credentials.type === 'accountKey') return { type: 'accountKey' };
  const namespace = namespacesOf(cluster).cache;
  return issuer === undefined
    ? undefined
    : { type: 'workloadIdentity', issuer, namespace, serviceAccount: product };
}

function existingProblems(
  existing: readonly string[],
  all: readonly ClusterSecret[],
): readonly SettingProblem[] {
  const names = [...new Set(all.map(({ secret }) => secret.name))];
  return existing
    .filter((name) => !names.includes(name))
    .map((name) => ({
      setting: 'existingSecrets',
      problem: `names ${JSON.stringify(name)}, which the cluster does not read`,
      remedy:
        names.length === 0 ? 'remove it: pulumi config rm existingSecrets' : `it reads ${names.join(', ')}`,
    }));
}

function planOf(cluster: Cluster, { azure: settings, existingSecrets }: StackSettings): Plan {
  const options = cluster.cache?.storage.azure;
  const all = clusterSecrets(cluster);
  const others = all.filter(({ secret }) => !existingSecrets.includes(secret.name));
  const problems = existingProblems(existingSecrets, all);
  if (settings === undefined) return { fromSettings: others, problems };
  if (options === undefined) {
    const problem = 'is set, and the cluster keeps no images in Azure';
    const unused = { setting: 'azure', problem, remedy: 'remove it: pulumi config rm azure' };
    return { fromSettings: others, problems: [...problems, unused] };
  }
  const fromSettings = others.filter(({ secret }) => secret !== options.credentials.secret);
  const access = accessOf(cluster, options, settings);
  if (access) return { newAccount: { options, settings, access }, fromSettings, problems };
  const issuerMissing = {
    setting: 'azure.issuer',
    problem: "is missing, so Azure would not believe the cache's ServiceAccount",
    remedy:
      'set it: pulumi config set --path azure.issuer URL (az aks show … --query oidcIssuerProfile.issuerUrl)',
  };
  return { fromSettings, problems: [...problems, issuerMissing] };
}

function unknownSettings(config: pulumi.Config, known: readonly string[]): readonly SettingProblem[] {
  return settingNames(config)
    .filter((name) => !known.includes(name))
    .map((setting) => ({
      setting,
      problem: 'is not a setting of this cluster',
      remedy: `remove it: pulumi config rm ${setting} (there are ${known.join(', ')})`,
    }));
}

/**
 * Reads and checks the settings of the stack that runs, all of them before anything is made.
 *
 * @param now The moment at which certificates must be valid.
 * @throws RunError with every problem, a line each
 */
export async function readClusterSettings(cluster: Cluster, now: Date): Promise<ClusterSettings> {
  const config = new pulumi.Config();
  const { value: stack, problems } = await readStackSettings(config);
  const { newAccount, fromSettings, problems: planProblems } = planOf(cluster, stack);
  const endpoint = cluster.nodes?.endpoint;
  const tls = endpoint?.type === 'host' ? { now, host: endpoint.host } : { now };
  const read = await Promise.all(
    fromSettings.map(async (use) => ({ use, ...(await secretSettings(config, use.secret, tls)) })),
  );
  const known = [
    ...stackSettingNames,
    ...clusterSecrets(cluster).flatMap(({ secret }) => secretSettingNames(secret)),
  ];
  const all = [
    ...problems,
    ...planProblems,
    ...read.flatMap((secret) => secret.problems),
    ...unknownSettings(config, known),
  ];
  refuse(cluster.name, [...new Map(all.map((problem) => [settingLine(problem), problem])).values()]);
  for (const warning of read.flatMap((secret) => secret.warnings)) {
    await pulumi.log.warn(`${cluster.name}: ${settingLine(warning)}`);
  }
  const { kubeconfig, context, takeOver } = stack;
  const secrets = read.map(({ use, values }) => appliedSecret(use, values));
  return { kubeconfig, context, takeOver, newAccount, secrets };
}
