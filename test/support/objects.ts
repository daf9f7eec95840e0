import { type Cluster, clusterApp } from '../../lib';
import { standInPrograms } from './programs';

/** A Kubernetes object, as far as tests look at it. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels: Record<string, string>;
  };
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of each kind is Kubernetes'
  readonly [field: string]: any;
}

/** The objects that a cluster synthesizes to, in their order. */
export function objectsOf(cluster: Cluster): KubernetesObject[] {
  return clusterApp(cluster, { programs: standInPrograms }).charts.flatMap(
    (chart) => chart.toJson() as KubernetesObject[],
  );
}

/** The only object of a kind, or the only one of that name. */
export function only(objects: readonly KubernetesObject[], kind: string, name?: string): KubernetesObject {
  const found = objects.filter(
    (object) => object.kind === kind && (name === undefined || object.metadata.name === name),
  );
  const [object] = found;
  if (object === undefined || found.length > 1) {
    throw new Error(`${found.length} objects are ${kind} ${name ?? ''}`);
  }
  return object;
}
