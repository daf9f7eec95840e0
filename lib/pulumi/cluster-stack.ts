import { Provider } from '@pulumi/kubernetes';
import type { Cluster } from '../cluster';
import { clusterApp } from '../cluster-app';
import { mirrorUrl } from '../mirror-url';
import type { Programs } from '../programs';
import { resolveCache } from '../resolved-cache';
import { defaultContainer } from '../storage/azure-blob';
import { AppliedObjects } from './applied-objects';
import { mergeSecrets } from './applied-secret';
import { type ClusterSettings, readClusterSettings } from './cluster-settings';
import { makeAccount } from './new-account';

export interface ClusterStackOptions {
  /** The programs that run in the cluster. */
  readonly programs: Programs;
  /** The moment at which certificates must be valid. */
  readonly now: Date;
}

/** What a stack tells when it is up. */
export interface ClusterOutputs {
  /** Where nodes ask, by registry. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** The port of every node, by registry. */
  readonly nodePorts?: Readonly<Record<string, number>>;
  /** Where the images are, in Azure. */
  readonly azure?: {
    readonly account: string;
    readonly container: string;
    /** Undefined for an account that others made. */
    readonly resourceGroup?: string;
  };
}

function endpointsOf(cluster: Cluster): ClusterOutputs {
  if (cluster.cache === undefined) {
    return { endpoints: Object.fromEntries(cluster.mirrors.map(({ host, url }) => [host, mirrorUrl(url)])) };
  }
  const { upstreams, access } = resolveCache(cluster.cache);
  const endpoint = cluster.nodes?.endpoint;
  const host = endpoint?.type === 'host' ? endpoint.host : 'NODE';
  const scheme = access.type === 'htpasswd' ? 'https' : 'http';
  return {
    endpoints: Object.fromEntries(
      upstreams.map((upstream) => [upstream.host, `${scheme}://${host}:${upstream.nodePort}`]),
    ),
    nodePorts: Object.fromEntries(upstreams.map((upstream) => [upstream.host, upstream.nodePort])),
  };
}

function provider({ name }: Cluster, { kubeconfig, context, takeOver }: ClusterSettings): Provider {
  return new Provider(name, {
    kubeconfig,
    context,
    enableServerSideApply: true,
    // Without these a changed ConfigMap or Secret is deleted before its successor is there.
    enableConfigMapMutable: true,
    enableSecretMutable: true,
    upsertExistingObjects: takeOver,
    enablePatchForce: takeOver,
  });
}

/**
 * Everything that one stack makes: the storage account, the Secrets, and the objects that
 * `cdk8s synth` writes.
 *
 * @throws InvalidClusterError or RunError with everything that is wrong, before anything is made
 */
export async function clusterStack(cluster: Cluster, options: ClusterStackOptions): Promise<ClusterOutputs> {
  const app = clusterApp(cluster, { programs: options.programs });
  const settings = await readClusterSettings(cluster, options.now);
  const account = settings.newAccount && makeAccount(cluster, settings.newAccount);
  new AppliedObjects(
    cluster.name,
    {
      app,
      secrets: mergeSecrets([...settings.secrets, ...(account ? [account.secret] : [])]),
      podsAfter: account ? [account.resource] : [],
      // Only its agent puts a node back, also when `plan` came after `apply`.
      protectedKinds: cluster.nodes === undefined || cluster.nodes.mode === 'restore' ? [] : ['DaemonSet'],
    },
    { provider: provider(cluster, settings) },
  );
  return { ...endpointsOf(cluster), ...azureOutputs(cluster, settings) };
}

function azureOutputs(cluster: Cluster, { newAccount }: ClusterSettings): Pick<ClusterOutputs, 'azure'> {
  const azure = cluster.cache?.storage.azure;
  if (azure === undefined) return {};
  const { accountName: account, container = defaultContainer } = azure;
  return { azure: { account, container, resourceGroup: newAccount?.settings.resourceGroup } };
}
