import { RuleType, type ManagementPolicyArgs } from '@pulumi/azure-native/storage';
import type { Unwrap } from '@pulumi/pulumi';

/** When blobs are deleted, and which. */
export interface Eviction {
  /** Age of the last read (days). */
  readonly days: number;
  /** Folders, beginning with the container's name: `dockerregistry/docker.io/docker/registry/v2/blobs/`. */
  readonly folders: readonly string[];
}

type Policy = Unwrap<ManagementPolicyArgs['policy']>;

/** Azure's limits: https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-policy-structure. */
const foldersPerRule = 10;

/**
 * The lifecycle rules that delete what nobody has read for a while. A registry asks the upstream again for
 * what is missing, so that a blob that is deleted too early costs one more download.
 */
export function evictionPolicy({ days, folders }: Eviction): Policy {
  const rules = Array.from({ length: Math.ceil(folders.length / foldersPerRule) }, (_, index) => ({
    name: `evict-${index + 1}`,
    type: RuleType.Lifecycle,
    enabled: true,
    definition: {
      filters: {
        blobTypes: ['blockBlob'],
        prefixMatch: folders.slice(index * foldersPerRule, (index + 1) * foldersPerRule),
      },
      actions: { baseBlob: { delete: { daysAfterLastAccessTimeGreaterThan: days } } },
    },
  }));
  return { rules };
}
