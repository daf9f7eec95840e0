import { core } from '@pulumi/kubernetes';
import * as pulumi from '@pulumi/pulumi';
import type { App } from 'cdk8s';
import type { AppliedSecret } from './applied-secret';
import { applyOf } from './object-kinds';
import { synthesizedObjects, type SynthesizedObject } from './synthesized-object';

export interface AppliedObjectsArgs {
  /** The objects. */
  readonly app: App;
  /** The Secrets that those objects refer to. @default none */
  readonly secrets?: readonly AppliedSecret[];
  /** What must be there before a Pod starts: a storage account, for example. @default nothing */
  readonly podsAfter?: readonly pulumi.Resource[];
  /**
   * Kinds whose objects are not deleted, neither one by one nor by `pulumi destroy`. They come after all
   * others, because an engine that refuses to delete them leaves what they depend on alone as well.
   * @default none
   */
  readonly protectedKinds?: readonly string[];
}

/** What a Pod is made of. It comes first: new configuration after a new Pod would never be read. */
const partsOfPods: readonly string[] = ['ConfigMap', 'NetworkPolicy', 'Secret', 'ServiceAccount'];

function hasPods({ kind }: SynthesizedObject): boolean {
  return kind === 'DaemonSet' || kind === 'Deployment';
}

/** The objects of an App, applied to a cluster as they are, and the Secrets that only Pulumi knows. */
export class AppliedObjects extends pulumi.ComponentResource {
  private readonly namespaces = new Map<string, pulumi.Resource>();
  private readonly parts = new Map<string, pulumi.Resource[]>();

  /** @param name The cluster's, with which the names of all resources begin. */
  constructor(
    private readonly name: string,
    private readonly args: AppliedObjectsArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('docker-cache:index:AppliedObjects', name, {}, options);
    const objects = synthesizedObjects(args.app);
    const isProtected = ({ kind }: SynthesizedObject) => args.protectedKinds?.includes(kind) === true;
    const kept = objects.filter(isProtected);
    const others = objects.filter((object) => !isProtected(object));
    const are = (kinds: readonly string[]) => others.filter(({ kind }) => kinds.includes(kind));
    // A kind that nobody knows is refused before the first resource is registered.
    for (const object of objects) applyOf(object);

    for (const object of objects.filter(({ kind }) => kind === 'Namespace')) {
      this.namespaces.set(object.metadata.name, this.apply(object, []));
    }
    for (const secret of args.secrets ?? []) this.addPart(secret.namespace, this.applySecret(secret));
    for (const object of are(partsOfPods)) {
      this.addPart(object.metadata.namespace, this.apply(object, this.namespaceOf(object)));
    }
    const earlier = ['Namespace', ...partsOfPods];
    const last = others
      .filter(({ kind }) => !earlier.includes(kind))
      .map((object) =>
        this.apply(object, hasPods(object) ? this.beforePods(object) : this.namespaceOf(object)),
      );
    const all = [...this.namespaces.values(), ...[...this.parts.values()].flat(), ...last];
    for (const object of kept) this.apply(object, all, 'protect');
    this.registerOutputs();
  }

  private apply(
    object: SynthesizedObject,
    dependsOn: readonly pulumi.Resource[],
    protect?: 'protect',
  ): pulumi.Resource {
    return applyOf(object)(this.nameOf(object.kind, object.metadata), awaited(object), {
      parent: this,
      dependsOn: [...dependsOn],
      protect: protect && true,
    });
  }

  private applySecret({ name, namespace, values }: AppliedSecret): pulumi.Resource {
    const metadata = { name, namespace };
    const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, base64(value)]));
    return new core.v1.Secret(
      this.nameOf('Secret', metadata),
      { metadata, data },
      { parent: this, dependsOn: this.namespaceOf({ metadata }) },
    );
  }

  private nameOf(kind: string, { name, namespace }: SynthesizedObject['metadata']): string {
    return [this.name, kind, ...(namespace === undefined ? [] : [namespace]), name].join('/');
  }

  private addPart(namespace: string | undefined, part: pulumi.Resource): void {
    const key = namespace ?? '';
    this.parts.set(key, [...(this.parts.get(key) ?? []), part]);
  }

  private namespaceOf({ metadata }: Pick<SynthesizedObject, 'metadata'>): pulumi.Resource[] {
    const namespace = this.namespaces.get(metadata.namespace ?? '');
    return namespace === undefined ? [] : [namespace];
  }

  private beforePods(object: SynthesizedObject): readonly pulumi.Resource[] {
    return [
      ...this.namespaceOf(object),
      ...(this.parts.get(object.metadata.namespace ?? '') ?? []),
      ...(this.args.podsAfter ?? []),
    ];
  }
}

function base64(value: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.secret(value).apply((text) => Buffer.from(text, 'utf8').toString('base64'));
}

/** An object as Pulumi should await it: one dead node of many must not fail an `up`. */
function awaited(object: SynthesizedObject): SynthesizedObject {
  if (object.kind !== 'DaemonSet') return object;
  const { metadata } = object;
  const annotations = { ...metadata.annotations, 'pulumi.com/skipAwait': 'true' };
  return { ...object, metadata: { ...metadata, annotations } };
}
