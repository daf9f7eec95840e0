import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { registryPort } from './registry-ports';

export interface CacheWorkloadOptions {
  readonly metadata: k8s.ObjectMeta & { readonly name: string };
  readonly replicas: number;
  readonly selector: Readonly<Record<string, string>>;
  readonly template: k8s.PodTemplateSpec;
  /** Whether several Pods may use the storage at once. */
  readonly shared: boolean;
  /** Whether each Pod must have a name and an address that stay. */
  readonly addressed: boolean;
}

const one = k8s.IntOrString.fromNumber(1);
const none = k8s.IntOrString.fromNumber(0);

/** The object that keeps the Pods of a cache registry running. */
export function cacheWorkload(scope: Construct, options: CacheWorkloadOptions): void {
  if (options.addressed) addressedPods(scope, options);
  else interchangeablePods(scope, options);
}

function interchangeablePods(scope: Construct, options: CacheWorkloadOptions): void {
  new k8s.KubeDeployment(scope, 'deployment', {
    metadata: options.metadata,
    spec: {
      replicas: options.replicas,
      revisionHistoryLimit: 3,
      selector: { matchLabels: { ...options.selector } },
      strategy: options.shared
        ? { type: 'RollingUpdate', rollingUpdate: { maxSurge: one, maxUnavailable: none } }
        : { type: 'Recreate' },
      template: options.template,
    },
  });
}

/**
 * Pods that know one another by name. Each has a Service of its own before it starts, because Varnish looks
 * up an address once, and a Service's address stays when a Pod moves.
 */
function addressedPods(scope: Construct, options: CacheWorkloadOptions): void {
  const { name } = options.metadata;
  for (let index = 0; index < options.replicas; index++) {
    const pod = `${name}-${index}`;
    new k8s.KubeService(scope, `service-${index}`, {
      metadata: { ...options.metadata, name: pod },
      spec: {
        // A peer that is not ready may own paths all the same: whoever asks finds out by itself.
        publishNotReadyAddresses: true,
        selector: { ...options.selector, 'statefulset.kubernetes.io/pod-name': pod },
        ports: [
          {
            name: registryPort.name,
            port: registryPort.containerPort,
            targetPort: k8s.IntOrString.fromString(registryPort.name),
          },
        ],
      },
    });
  }
  new k8s.KubeStatefulSet(scope, 'stateful-set', {
    metadata: options.metadata,
    spec: {
      replicas: options.replicas,
      revisionHistoryLimit: 3,
      // All at once when they start, one after the other when they change.
      podManagementPolicy: 'Parallel',
      serviceName: name,
      selector: { matchLabels: { ...options.selector } },
      template: options.template,
    },
  });
}
