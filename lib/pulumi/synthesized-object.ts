import type { App } from 'cdk8s';

/** A Kubernetes object as cdk8s writes it. */
export interface SynthesizedObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** Every object of an App, in the order in which it is written. */
export function synthesizedObjects(app: App): readonly SynthesizedObject[] {
  return app.charts.flatMap((chart) => {
    const objects: readonly unknown[] = chart.toJson();
    return objects.filter(isSynthesizedObject);
  });
}

function isSynthesizedObject(value: unknown): value is SynthesizedObject {
  if (typeof value === 'object' && value !== null && 'apiVersion' in value && 'metadata' in value)
    return true;
  throw new Error(`cdk8s wrote something that is no Kubernetes object (was ${JSON.stringify(value)})`);
}
