import type { Resource } from '@pulumi/pulumi';
import type { Cluster } from '../cluster';
import { namespacesOf, resolveCache } from '../resolved-cache';
import { defaultContainer } from '../storage/azure-blob';
import { type AppliedSecret, appliedSecret } from './applied-secret';
import { BlobAccount } from './blob-account';
import type { NewAccount } from './cluster-settings';

/** A storage account that a stack makes, and the Secret that the cache opens it with. */
export interface MadeAccount {
  readonly resource: Resource;
  readonly secret: AppliedSecret;
}

/** Folders of the container that hold what registries serve: one for each upstream. */
function blobFolders({ cache }: Cluster, container: string): readonly string[] {
  const upstreams = cache === undefined ? [] : resolveCache(cache).upstreams;
  return upstreams.map(({ host }) => `${container}/${host}/docker/registry/v2/blobs/`);
}

/** Makes the account of a cluster. */
export function makeAccount(cluster: Cluster, { options, settings, access }: NewAccount): MadeAccount {
  const { container = defaultContainer, credentials } = options;
  const days = settings.evictAfterDays;
  const account = new BlobAccount(
    cluster.name,
    {
      accountName: options.accountName,
      resourceGroupName: settings.resourceGroup,
      access,
      container: options.createContainer === false ? undefined : container,
      location: settings.location,
      sku: settings.sku,
      allowedAddresses: settings.allowedAddresses,
      allowedSubnets: settings.allowedSubnets,
      eviction: days === undefined ? undefined : { days, folders: blobFolders(cluster, container) },
      tags: settings.tags,
    },
    {
      protect: settings.onDestroy === 'protect' ? true : undefined,
      retainOnDelete: settings.onDestroy === 'retain' ? true : undefined,
    },
  );
  const place = { namespace: namespacesOf(cluster).cache, secret: credentials.secret };
  return { resource: account, secret: appliedSecret(place, account.secretValues) };
}
