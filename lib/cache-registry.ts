import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { cacheNetworkPolicy } from './cache-network-policy';
import { cachePod } from './cache-pod';
import { cacheWorkload } from './cache-workload';
import { contentHash } from './content-hash';
import { nameSlug, product, upstreamObjectName } from './names';
import type { Programs } from './programs';
import { registryPort } from './registry-ports';
import type { ResolvedCache, ServedUpstream } from './resolved-cache';

export interface CacheRegistryProps {
  readonly namespace: string;
  /** ServiceAccount that the Pods run as. */
  readonly serviceAccountName: string;
  readonly upstream: ServedUpstream;
  readonly cache: ResolvedCache;
  readonly programs: Programs;
}

/** The cache of one upstream: its configuration, its Pods, and the port of every node that leads to them. */
export class CacheRegistry extends Construct {
  /** Name of all objects of this upstream. */
  readonly objectName: string;
  /** Labels of all objects, and of the Pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** Labels that select the Pods; they never change. */
  readonly selector: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: CacheRegistryProps) {
    super(scope, id);
    const { cache, namespace, upstream } = props;
    this.objectName = upstreamObjectName(upstream.host);
    this.selector = {
      'app.kubernetes.io/name': product,
      'app.kubernetes.io/component': 'cache',
      'docker-cache/upstream': nameSlug(upstream.host),
    };
    this.labels = { ...this.selector, 'app.kubernetes.io/part-of': product };
    const metadata = { name: this.objectName, namespace, labels: this.labels };
    const pod = cachePod(this, { ...props, objectName: this.objectName, labels: this.labels });

    new k8s.KubeConfigMap(this, 'config', { metadata, data: { ...pod.files } });
    cacheWorkload(this, {
      metadata,
      replicas: cache.replicas,
      selector: this.selector,
      shared: cache.storage.shared,
      addressed: pod.addressed,
      template: {
        metadata: {
          labels: { ...this.labels, ...pod.labels },
          annotations: { 'docker-cache/config-hash': contentHash(pod.files) },
        },
        spec: { ...pod.spec, topologySpreadConstraints: cache.replicas > 1 ? this.spread() : undefined },
      },
    });
    new k8s.KubeService(this, 'service', {
      metadata: {
        ...metadata,
        annotations: cache.service.type === 'LoadBalancer' ? { ...cache.service.annotations } : undefined,
      },
      spec: {
        type: cache.service.type,
        // Every node answers, whichever node the Pod is on.
        externalTrafficPolicy: 'Cluster',
        selector: { ...this.selector },
        ports: [
          {
            name: registryPort.name,
            port: upstream.nodePort,
            nodePort: upstream.nodePort,
            targetPort: k8s.IntOrString.fromString(registryPort.name),
          },
        ],
      },
    });
    new k8s.KubeNetworkPolicy(this, 'network-policy', {
      metadata,
      spec: cacheNetworkPolicy({
        selector: this.selector,
        monitoringNamespace: cache.monitoringNamespace,
        upstream,
        targets: pod.egress,
      }),
    });
    if (cache.replicas > 1) {
      new k8s.KubePodDisruptionBudget(this, 'disruption-budget', {
        metadata,
        spec: {
          maxUnavailable: k8s.IntOrString.fromNumber(1),
          selector: { matchLabels: { ...this.selector } },
        },
      });
    }
  }

  private spread(): k8s.TopologySpreadConstraint[] {
    return [
      {
        maxSkew: 1,
        topologyKey: 'kubernetes.io/hostname',
        whenUnsatisfiable: 'ScheduleAnyway',
        labelSelector: { matchLabels: { ...this.selector } },
      },
    ];
  }
}
