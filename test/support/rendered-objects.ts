import { resolve } from 'node:path';
import { clusterApp, type Cluster } from '../../lib';
import { loadPrograms } from '../../lib/cli/clusters/load-programs';

/** As much of Kubernetes' objects as a Pod that runs as processes needs. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: { readonly name: string };
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

export interface HttpGet {
  readonly path: string;
  readonly port: string | number;
  readonly scheme?: 'HTTP' | 'HTTPS';
}

export interface Container {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: { readonly httpGet: HttpGet };
}

export interface KeyToPath {
  readonly key: string;
  readonly path: string;
}

export interface Volume {
  readonly name: string;
  readonly configMap?: { readonly name: string };
  readonly secret?: { readonly secretName: string; readonly items: readonly KeyToPath[] };
  readonly persistentVolumeClaim?: { readonly claimName: string };
  readonly projected?: {
    readonly sources: readonly { readonly serviceAccountToken: { readonly path: string } }[];
  };
  readonly emptyDir?: object;
}

export interface PodSpec {
  readonly initContainers?: readonly Container[];
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
}

export interface Deployment extends KubernetesObject {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
}

export interface ConfigMap extends KubernetesObject {
  readonly data: Readonly<Record<string, string>>;
}

export interface PersistentVolume extends KubernetesObject {
  readonly spec: {
    readonly hostPath: { readonly path: string };
    readonly claimRef: { readonly name: string };
  };
}

/** The objects that `cdk8s synth` would write for a cluster, with the programs that run in it. */
export async function renderedObjects(cluster: Cluster): Promise<readonly KubernetesObject[]> {
  const programs = await loadPrograms(resolve(__dirname, '../..'));
  return clusterApp(cluster, { programs }).charts.flatMap((chart) => chart.toJson() as KubernetesObject[]);
}

/** The object of a kind and name. */
export function objectOf<T extends KubernetesObject>(
  objects: readonly KubernetesObject[],
  kind: string,
  name: string,
): T {
  const found = objects.find((object) => object.kind === kind && object.metadata.name === name);
  if (found === undefined) throw new Error(`the cluster has no ${kind} ${name}`);
  return found as T;
}
