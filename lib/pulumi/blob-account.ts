import * as storage from '@pulumi/azure-native/storage';
import * as pulumi from '@pulumi/pulumi';
import { problemLine } from '../problem';
import { accountNameProblems, containerNameProblems } from '../validation/azure-names';
import { blobIdentity, type WorkloadIdentity } from './blob-identity';
import { type Eviction, evictionPolicy } from './blob-eviction';

/** How the cache will prove that it may use the account. */
export type BlobAccess =
  | {
      /** With the account's own key. */
      readonly type: 'accountKey';
    }
  | ({
      /** With a federated identity; the account takes no key at all. */
      readonly type: 'workloadIdentity';
    } & WorkloadIdentity);

export interface BlobAccountArgs {
  /** Name of the account, all over Azure: 3 to 24 lower-case letters and digits. */
  readonly accountName: string;
  /** The resource group, which exists. */
  readonly resourceGroupName: string;
  readonly access: BlobAccess;
  /** Name of the blob container to make. @default no container is made */
  readonly container?: string;
  /** @default the resource group's */
  readonly location?: string;
  /** Copies in one datacenter, or in three zones of a region. @default Standard_LRS */
  readonly sku?: 'Standard_LRS' | 'Standard_ZRS';
  /** Public IPv4 addresses or networks that may reach the account; others are refused. @default every address */
  readonly allowedAddresses?: readonly string[];
  /** Ids of subnets that may reach the account through their service endpoint; others are refused. @default every network */
  readonly allowedSubnets?: readonly string[];
  /** Deletes what nobody has read for a while. @default nothing is deleted */
  readonly eviction?: Eviction;
  readonly tags?: Readonly<Record<string, string>>;
}

function networkRules({ allowedAddresses = [], allowedSubnets = [] }: BlobAccountArgs) {
  if (allowedAddresses.length + allowedSubnets.length === 0) return undefined;
  return {
    defaultAction: storage.DefaultAction.Deny,
    bypass: storage.Bypass.None,
    ipRules: allowedAddresses.map((address) => ({ iPAddressOrRange: address })),
    virtualNetworkRules: allowedSubnets.map((id) => ({ virtualNetworkResourceId: id })),
  };
}

/** An Azure storage account for the images of one cluster's cache, and who may use it. */
export class BlobAccount extends pulumi.ComponentResource {
  readonly account: storage.StorageAccount;
  /** Undefined where no container was asked for. */
  readonly container: storage.BlobContainer | undefined;
  /** What a Pod needs to use the account, by the names that `AuthSecret` has for it; secret. */
  readonly secretValues: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: BlobAccountArgs, options: pulumi.ComponentResourceOptions = {}) {
    super('docker-cache:index:BlobAccount', name, {}, options);
    refuseNames(args);
    const { accountName, container, resourceGroupName, eviction, access } = args;
    // `protect` passes from a parent to its children by itself, this does not.
    const child = { parent: this, retainOnDelete: options.retainOnDelete };
    const tags = args.tags === undefined ? undefined : { ...args.tags };

    this.account = new storage.StorageAccount(
      name,
      {
        accountName,
        resourceGroupName,
        location: args.location,
        kind: storage.Kind.StorageV2,
        sku: { name: args.sku ?? 'Standard_LRS' },
        accessTier: storage.AccessTier.Hot,
        minimumTlsVersion: storage.MinimumTlsVersion.TLS1_2,
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        allowSharedKeyAccess: access.type === 'accountKey',
        networkRuleSet: networkRules(args),
        tags,
      },
      child,
    );
    const inAccount = { accountName: this.account.name, resourceGroupName };
    // An image is there to be pulled again: nothing that was deleted is worth its price a second time.
    const service = new storage.BlobServiceProperties(
      name,
      {
        ...inAccount,
        blobServicesName: 'default',
        deleteRetentionPolicy: { enabled: false },
        containerDeleteRetentionPolicy: { enabled: false },
        isVersioningEnabled: false,
        lastAccessTimeTrackingPolicy: eviction && { enable: true, name: storage.Name.AccessTimeTracking },
      },
      child,
    );
    this.container =
      container === undefined
        ? undefined
        : new storage.BlobContainer(
            name,
            { ...inAccount, containerName: container, publicAccess: storage.PublicAccess.None },
            child,
          );
    if (eviction !== undefined) {
      new storage.ManagementPolicy(
        name,
        { ...inAccount, managementPolicyName: 'default', policy: evictionPolicy(eviction) },
        { ...child, dependsOn: service },
      );
    }
    this.secretValues =
      access.type === 'accountKey'
        ? { accountKey: accountKey(accountName, inAccount, this) }
        : blobIdentity(name, {
            ...access,
            resourceGroupName,
            location: args.location,
            tags,
            accountId: this.account.id,
            blobsId: (this.container ?? this.account).id,
            options: child,
          });
    this.registerOutputs();
  }
}

/** The account's first key, which is asked for once the account is there. */
function accountKey(
  accountName: string,
  inAccount: storage.ListStorageAccountKeysOutputArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const first = storage.listStorageAccountKeysOutput(inAccount, { parent }).apply(({ keys: [key] }) => {
    if (key === undefined) throw new Error(`${accountName} has no key`);
    return key.value;
  });
  return pulumi.secret(first);
}

function refuseNames({ accountName, container }: BlobAccountArgs): void {
  const problems = [
    ...accountNameProblems(accountName),
    ...(container === undefined ? [] : containerNameProblems(container)),
  ];
  if (problems.length > 0) throw new pulumi.RunError(problems.map(problemLine).join('\n'));
}
