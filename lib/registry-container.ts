import { k8s } from 'cdk8s-plus-27';
import type { RegistryContainerOptions } from './front-tier';
import { configFolder } from './registry-ports';
import type { ResolvedCache } from './resolved-cache';
import { unprivileged } from './security';

/** What all registry containers of one Pod share. */
export interface RegistryEnvironment {
  readonly cache: Pick<ResolvedCache, 'image' | 'memoryLimitMiB' | 'cpuRequestMillis'>;
  readonly env: readonly k8s.EnvVar[];
  readonly mounts: readonly k8s.VolumeMount[];
}

/** Go's heap ends a tenth below the limit, so that the collector works before the kernel kills. */
function heapLimitMiB(memoryLimitMiB: number): number {
  return Math.floor(memoryLimitMiB * 0.9);
}

/** A container that runs a registry on one of the Pod's configuration files. */
export function registryContainer(
  { cache, env, mounts }: RegistryEnvironment,
  options: RegistryContainerOptions,
): k8s.Container {
  return {
    name: options.name,
    image: cache.image,
    imagePullPolicy: 'IfNotPresent',
    args: ['serve', `${configFolder}/${options.configFile}`],
    env: [
      { name: 'GOMEMLIMIT', value: `${heapLimitMiB(cache.memoryLimitMiB)}MiB` },
      { name: 'OTEL_TRACES_EXPORTER', value: 'none' },
      ...env,
    ],
    ports: [...options.ports],
    volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }, ...mounts, ...options.mounts],
    resources: {
      requests: {
        cpu: k8s.Quantity.fromString(`${cache.cpuRequestMillis}m`),
        memory: k8s.Quantity.fromString('128Mi'),
      },
      limits: { memory: k8s.Quantity.fromString(`${cache.memoryLimitMiB}Mi`) },
    },
    securityContext: unprivileged,
    lifecycle: options.lifecycle,
    ...options.probes,
  };
}
