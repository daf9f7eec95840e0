import type { k8s } from 'cdk8s-plus-27';
import type { Access } from './access';
import { noFrontTier } from './front-tier/none';
import { varnishFrontTier } from './front-tier/varnish';
import type { NetworkTarget } from './network-target';
import type { Problem } from './problem';
import type { Programs } from './programs';
import type { RegistryStorage } from './render/registry-config';

/** What a front tier may know of the cache registry that asks. */
export interface FrontTierRequest {
  /** The registry whose images are served. */
  readonly host: string;
  /** Name of the registry's objects. */
  readonly objectName: string;
  readonly namespace: string;
  readonly replicas: number;
  readonly access: Access;
  readonly storage: RegistryStorage;
  readonly logLevel: string;
  /** Image that runs `programs`. */
  readonly programImage: string;
  readonly programs: Programs;
  /** A further registry container on the same image, storage and environment, with a configuration of its own. */
  registryContainer(options: RegistryContainerOptions): k8s.Container;
}

/** What makes one registry container of a Pod differ from another. */
export interface RegistryContainerOptions {
  readonly name: string;
  /** File of its configuration among the Pod's `configFiles`. */
  readonly configFile: string;
  /** Ports that it opens to the Pod's network. */
  readonly ports: readonly k8s.ContainerPort[];
  readonly probes: Pick<k8s.Container, 'startupProbe' | 'readinessProbe' | 'livenessProbe'>;
  /** Mounts besides those of the storage and the configuration. */
  readonly mounts: readonly k8s.VolumeMount[];
  /** What it does before it is told to stop. */
  readonly lifecycle?: k8s.Lifecycle;
}

/** Who listens on the registry port, and what the Pod needs for that. */
export interface FrontTierConfig {
  /** How the registry that downloads is reached. */
  readonly registry: {
    /** Address and port that it listens on. */
    readonly address: string;
    /** File of users that it checks, where it is the one who checks. */
    readonly htpasswdFile?: string;
    /** Certificate and key files, where it is the one who ends TLS. */
    readonly tls?: { readonly certificate: string; readonly key: string };
    readonly ports: readonly k8s.ContainerPort[];
    readonly probes: Pick<k8s.Container, 'startupProbe' | 'readinessProbe'>;
    readonly mounts: readonly k8s.VolumeMount[];
    /** What it does before it is told to stop. */
    readonly lifecycle?: k8s.Lifecycle;
  };
  /** Containers beside that registry. */
  readonly containers: readonly k8s.Container[];
  readonly initContainers: readonly k8s.Container[];
  readonly volumes: readonly k8s.Volume[];
  /** Files of the Pod's ConfigMap, by name. */
  readonly configFiles: Readonly<Record<string, string>>;
  /** Programs that the containers run, by file name. */
  readonly programFiles: Readonly<Record<string, string>>;
  /** How long a running download may take to arrive whole when the Pod stops, in seconds. */
  readonly drainSeconds: number;
  /** How long the Pod may take to end, in seconds. */
  readonly terminationSeconds: number;
  /** What its containers connect to outside the Pod. */
  readonly egress: readonly NetworkTarget[];
  /** Whether each Pod must have a name and an address that stay, `<objectName>-<index>`, for the others. */
  readonly addressedPods: boolean;
}

/** Who answers nodes: the registry itself, or something before it. */
export interface FrontTier {
  /** Images of its containers. */
  readonly images: readonly string[];
  /** What is wrong with its options. */
  problems(): readonly Problem[];
  bind(request: FrontTierRequest): FrontTierConfig;
}

/** The front tiers. */
export const FrontTier = { none: noFrontTier, varnish: varnishFrontTier } as const;
