import type { Construct } from 'constructs';
import type { k8s } from 'cdk8s-plus-27';
import type { NetworkTarget } from './network-target';
import type { Problem } from './problem';
import type { Programs } from './programs';
import type { OutboundNetwork } from './outbound-network';
import type { RegistryStorage } from './render/registry-config';
import { azureBlob, type AzureBlobOptions } from './storage/azure-blob';
import { hostPath } from './storage/host-path';
import { persistentVolumeClaim } from './storage/persistent-volume-claim';

/** How a cache wants to use its storage. */
export interface StorageUse {
  /** Pods per upstream. */
  readonly replicas: number;
  /** Registries, each with a storage root of its own. */
  readonly hosts: readonly string[];
}

/** What a storage backend may know of the cache registry that asks. */
export interface StorageRequest {
  /** The registry's name in image references; its storage root is named after it. */
  readonly host: string;
  /** Name of the registry's objects. */
  readonly objectName: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The registry's image, which has a shell. */
  readonly registryImage: string;
  /** Image that runs `programs`. */
  readonly programImage: string;
  readonly programs: Programs;
  /** User and group that the registry runs as. */
  readonly user: number;
  /** The way out of the cluster's network. */
  readonly network: OutboundNetwork;
}

/** What a cache registry does for its storage, whatever that is. */
export interface StorageConfig {
  /** The driver section of the registry's configuration. */
  readonly driver: RegistryStorage;
  /** Secret values that the driver reads from the environment. */
  readonly env: readonly k8s.EnvVar[];
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
  readonly initContainers: readonly k8s.Container[];
  /** Programs that `initContainers` run, by file name. */
  readonly programFiles: Readonly<Record<string, string>>;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly tolerations: readonly k8s.Toleration[];
  /** Where the registry must be allowed to connect to. */
  readonly egress: readonly NetworkTarget[];
}

/** Where a cache keeps its images. */
export interface StorageBackend {
  /** Whether several registries may use it at once. */
  readonly shared: boolean;
  /** Pod Security level that its Pods need. */
  readonly podSecurity: 'restricted' | 'baseline';
  /** Annotations of the ServiceAccount that its Pods run as. */
  serviceAccountAnnotations(): Readonly<Record<string, string>>;
  /** The Azure account and container that keep the images, for a program that makes them. @default none */
  readonly azure?: AzureBlobOptions;
  /** What is wrong with its options, or with using it like this. */
  problems(use: StorageUse): readonly Problem[];
  /** Adds the backend's own objects to the scope and says what the registry needs. */
  bind(scope: Construct, request: StorageRequest): StorageConfig;
}

/** The storage backends. */
export const StorageBackend = { azureBlob, hostPath, persistentVolumeClaim } as const;
