import { apps, core, networking, policy } from '@pulumi/kubernetes';
import type { CustomResource, CustomResourceOptions } from '@pulumi/pulumi';
import type { SynthesizedObject } from './synthesized-object';

/** Makes the Pulumi resource of an object. */
export type ApplyObject = (
  name: string,
  object: SynthesizedObject,
  options: CustomResourceOptions,
) => CustomResource;

type ObjectClass<Args> = new (name: string, args: Args, options: CustomResourceOptions) => CustomResource;

function kindOf<Args extends object>(
  apiVersion: string,
  kind: string,
  Class: ObjectClass<Args>,
): readonly [string, ApplyObject] {
  // What is below apiVersion and kind has been typed by cdk8s' class of the same kind.
  const isOurs = (object: SynthesizedObject): object is SynthesizedObject & Args =>
    object.apiVersion === apiVersion && object.kind === kind;
  return [
    `${apiVersion}/${kind}`,
    (name, object, options) => {
      if (!isOurs(object)) throw new Error(`${kind} was expected (was ${object.kind})`);
      return new Class(name, object, options);
    },
  ];
}

const kinds: ReadonlyMap<string, ApplyObject> = new Map([
  kindOf<core.v1.NamespaceArgs>('v1', 'Namespace', core.v1.Namespace),
  kindOf<core.v1.ServiceAccountArgs>('v1', 'ServiceAccount', core.v1.ServiceAccount),
  kindOf<core.v1.ConfigMapArgs>('v1', 'ConfigMap', core.v1.ConfigMap),
  kindOf<core.v1.ServiceArgs>('v1', 'Service', core.v1.Service),
  kindOf<core.v1.PersistentVolumeArgs>('v1', 'PersistentVolume', core.v1.PersistentVolume),
  kindOf<core.v1.PersistentVolumeClaimArgs>('v1', 'PersistentVolumeClaim', core.v1.PersistentVolumeClaim),
  kindOf<apps.v1.DeploymentArgs>('apps/v1', 'Deployment', apps.v1.Deployment),
  kindOf<apps.v1.DaemonSetArgs>('apps/v1', 'DaemonSet', apps.v1.DaemonSet),
  kindOf<networking.v1.NetworkPolicyArgs>(
    'networking.k8s.io/v1',
    'NetworkPolicy',
    networking.v1.NetworkPolicy,
  ),
  kindOf<policy.v1.PodDisruptionBudgetArgs>(
    'policy/v1',
    'PodDisruptionBudget',
    policy.v1.PodDisruptionBudget,
  ),
]);

/**
 * What applies an object of this kind: its typed class, which knows the provider's version and the names
 * that the kind once had.
 *
 * @throws Error for a kind that is not in the list
 */
export function applyOf({ apiVersion, kind, metadata }: SynthesizedObject): ApplyObject {
  const apply = kinds.get(`${apiVersion}/${kind}`);
  if (apply) return apply;
  throw new Error(
    `no class applies ${apiVersion}/${kind} ${metadata.name}; there are ${[...kinds.keys()].join(', ')}; add it in lib/pulumi/object-kinds.ts`,
  );
}
