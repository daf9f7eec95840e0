import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-27';
import { isDnsSubdomain } from '../names';
import type { Problem } from '../problem';
import type { StorageBackend, StorageConfig, StorageRequest, StorageUse } from '../storage-backend';
import { unknownKeys } from '../validation/unknown-keys';

/** How many nodes may mount a volume at once. */
export type ClaimAccessMode = 'ReadWriteOnce' | 'ReadWriteMany';

export type PersistentVolumeClaimOptions =
  | {
      /** Name of a claim that exists in the cache's namespace. */
      readonly claimName: string;
      /** How that claim may be mounted. @default ReadWriteOnce */
      readonly accessMode?: ClaimAccessMode;
      readonly size?: never;
      readonly storageClassName?: never;
    }
  | {
      /** Size of the claim that is made for each upstream: `200Gi`. */
      readonly size: string;
      /** Class of that claim. @default the cluster's default class */
      readonly storageClassName?: string;
      /** @default ReadWriteOnce */
      readonly accessMode?: ClaimAccessMode;
      readonly claimName?: never;
    };

const mountPath = '/var/lib/registry';

function accessModeOf({ accessMode = 'ReadWriteOnce' }: PersistentVolumeClaimOptions): ClaimAccessMode {
  return accessMode;
}

const optionKeys = { claimName: true, size: true, storageClassName: true, accessMode: true } as const;

function problems(options: PersistentVolumeClaimOptions, use: StorageUse): readonly Problem[] {
  const found = unknownKeys('', options, optionKeys);
  const mode: string = accessModeOf(options);
  if (mode !== 'ReadWriteOnce' && mode !== 'ReadWriteMany') {
    found.push({
      property: 'accessMode',
      problem: 'is not supported',
      value: mode,
      remedy: 'use ReadWriteOnce or ReadWriteMany',
    });
  }
  if ((options.claimName === undefined) === (options.size === undefined)) {
    found.push({
      property: '',
      problem: 'must be a claim that exists, or one that is made',
      remedy: 'state either claimName or size',
    });
  }
  const once = accessModeOf(options) === 'ReadWriteOnce';
  if (options.claimName !== undefined && !isDnsSubdomain(options.claimName)) {
    found.push({
      property: 'claimName',
      problem: 'is not the name of a claim',
      value: options.claimName,
      remedy: 'write it as `kubectl get pvc` prints it',
    });
  }
  if (options.size !== undefined && !/^[1-9]\d*(Mi|Gi|Ti|Pi|M|G|T|P)$/.test(options.size)) {
    found.push({
      property: 'size',
      problem: 'is not a size that Kubernetes knows',
      value: options.size,
      remedy: 'write it like 200Gi',
    });
  }
  if (once && use.replicas > 1) {
    found.push({
      property: 'accessMode',
      problem: `lets one node mount the volume, which ${use.replicas} replicas cannot share`,
      value: 'ReadWriteOnce',
      remedy: 'set replicas to 1, or use a class and accessMode ReadWriteMany',
    });
  }
  if (once && options.claimName !== undefined && use.hosts.length > 1) {
    found.push({
      property: 'claimName',
      problem: `is one ReadWriteOnce volume for ${use.hosts.length} upstreams, whose Pods may never start together`,
      value: options.claimName,
      remedy: 'state size instead, which makes a claim for each upstream, or accessMode ReadWriteMany',
    });
  }
  return found;
}

function bind(
  scope: Construct,
  options: PersistentVolumeClaimOptions,
  request: StorageRequest,
): StorageConfig {
  const claimName = options.claimName ?? request.objectName;
  if (options.claimName === undefined) {
    new k8s.KubePersistentVolumeClaim(scope, 'claim', {
      metadata: { name: claimName, namespace: request.namespace, labels: request.labels },
      spec: {
        accessModes: [accessModeOf(options)],
        storageClassName: options.storageClassName,
        resources: { requests: { storage: k8s.Quantity.fromString(options.size) } },
      },
    });
  }
  return {
    driver: { type: 'filesystem', rootDirectory: `${mountPath}/${request.host}` },
    env: [],
    volumes: [{ name: 'storage', persistentVolumeClaim: { claimName } }],
    mounts: [{ name: 'storage', mountPath }],
    initContainers: [],
    programFiles: {},
    podLabels: {},
    tolerations: [],
    egress: [],
  };
}

/** A volume of the cluster's own storage: an existing claim, or a claim made for each upstream. */
export function persistentVolumeClaim(options: PersistentVolumeClaimOptions): StorageBackend {
  return {
    shared: accessModeOf(options) === 'ReadWriteMany',
    podSecurity: 'restricted',
    serviceAccountAnnotations: () => ({}),
    problems: (use) => problems(options, use),
    bind: (scope, request) => bind(scope, options, request),
  };
}
