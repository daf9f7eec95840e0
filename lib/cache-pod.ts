import type { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import type { CacheRegistryProps } from './cache-registry';
import type { FrontTierConfig } from './front-tier';
import type { NetworkTarget } from './network-target';
import { outboundNetwork } from './outbound-network';
import { registryContainer } from './registry-container';
import { configFolder, debugPort, registryLiveness } from './registry-ports';
import { credentialHelper } from './render/credential-helper';
import { registryConfig } from './render/registry-config';
import { cacheUser, scriptFileMode, unprivilegedPod } from './security';
import type { StorageConfig } from './storage-backend';
import { upstreamLogin } from './upstream-login';

/** The Pod of a cache registry, and the files that it mounts. */
export interface CachePod {
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: k8s.PodSpec;
  /** Content of the Pod's ConfigMap. */
  readonly files: Readonly<Record<string, string>>;
  /** What the Pod connects to besides its upstream. */
  readonly egress: readonly NetworkTarget[];
  /** Whether each Pod must have a name and an address that stay. */
  readonly addressed: boolean;
}

interface CachePodOptions extends CacheRegistryProps {
  readonly objectName: string;
  readonly labels: Readonly<Record<string, string>>;
}

const configFile = 'config.yml';
const helperFile = 'credential-helper';

/** Asks the storage backend and the front tier for their parts, and puts the Pod together. */
export function cachePod(scope: Construct, options: CachePodOptions): CachePod {
  const { cache, upstream, programs, objectName, namespace, labels } = options;
  const network = outboundNetwork(upstream);
  const login = upstreamLogin(upstream);
  const storage = cache.storage.bind(scope, {
    host: upstream.host,
    objectName,
    namespace,
    labels,
    registryImage: cache.image,
    programImage: cache.programImage,
    programs,
    user: cacheUser,
    network,
  });
  const environment = {
    cache,
    env: [...storage.env, ...network.registryEnv],
    mounts: [...storage.mounts, ...network.mounts],
  };
  const front = cache.frontTier.bind({
    host: upstream.host,
    objectName,
    namespace,
    replicas: cache.replicas,
    access: cache.access,
    storage: storage.driver,
    logLevel: cache.logLevel,
    programImage: cache.programImage,
    programs,
    registryContainer: (container) => registryContainer(environment, container),
  });
  const registry = registryContainer(environment, {
    name: 'registry',
    configFile,
    ports: [...front.registry.ports, debugPort],
    probes: {
      ...front.registry.probes,
      livenessProbe: registryLiveness(debugPort.name),
    },
    mounts: [...login.mounts, ...front.registry.mounts],
    lifecycle: front.registry.lifecycle,
  });
  return {
    labels: storage.podLabels,
    egress: [...storage.egress, ...front.egress],
    addressed: front.addressedPods,
    files: {
      [configFile]: downloadingRegistry(options, storage, front),
      [helperFile]: credentialHelper(login.folder),
      ...front.configFiles,
      ...storage.programFiles,
      ...front.programFiles,
    },
    spec: {
      serviceAccountName: options.serviceAccountName,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      priorityClassName: cache.priorityClassName,
      terminationGracePeriodSeconds: front.terminationSeconds,
      securityContext: unprivilegedPod,
      tolerations: storage.tolerations.length === 0 ? undefined : [...storage.tolerations],
      initContainers: [...front.initContainers, ...storage.initContainers],
      containers: [registry, ...front.containers],
      volumes: [
        // Every file may be run: the credential helper is, and a mode of its own would need a list of all.
        { name: 'config', configMap: { name: objectName, defaultMode: scriptFileMode } },
        ...storage.volumes,
        ...network.volumes,
        ...login.volumes,
        ...front.volumes,
      ],
    },
  };
}

function downloadingRegistry(
  { cache, upstream }: CachePodOptions,
  storage: StorageConfig,
  { registry, drainSeconds }: FrontTierConfig,
): string {
  return registryConfig({
    host: upstream.host,
    address: registry.address,
    debugAddress: `:${debugPort.containerPort}`,
    storage: storage.driver,
    logLevel: cache.logLevel,
    drainSeconds,
    htpasswdFile: registry.htpasswdFile,
    tls: registry.tls,
    proxy: {
      url: upstream.url,
      ttl: cache.ttl,
      credentialHelper: `${configFolder}/${helperFile}`,
    },
  });
}
