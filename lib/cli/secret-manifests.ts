import { stringify } from 'yaml';

/** A Secret with its values. */
export interface FilledSecret {
  readonly namespace: string;
  readonly name: string;
  /** Values by their keys in the Secret. */
  readonly values: Readonly<Record<string, string>>;
}

/** One Secret for all values that belong into one: a login beside a certificate. */
function merged(secrets: readonly FilledSecret[]): readonly FilledSecret[] {
  const byName = new Map<string, FilledSecret>();
  for (const secret of secrets) {
    const key = `${secret.namespace}/${secret.name}`;
    byName.set(key, { ...secret, values: { ...byName.get(key)?.values, ...secret.values } });
  }
  return [...byName.values()];
}

const typeOfKeys: Readonly<Record<string, string>> = {
  'tls.crt tls.key': 'kubernetes.io/tls',
  'password username': 'kubernetes.io/basic-auth',
};

/** The type that `kubectl create secret` has for these keys: it cannot be changed in a Secret that is there. */
function typeOf(values: FilledSecret['values']): string {
  return typeOfKeys[Object.keys(values).sort().join(' ')] ?? 'Opaque';
}

/** The manifests of Secrets, for `kubectl apply -f -`. */
export function secretManifests(
  secrets: readonly FilledSecret[],
  { json }: { readonly json: boolean },
): string {
  const objects = merged(secrets).map(({ namespace, name, values }) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: typeOf(values),
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
    ),
  }));
  return json
    ? `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }, undefined, 2)}\n`
    : objects.map((object) => stringify(object, { lineWidth: 0 })).join('---\n');
}
