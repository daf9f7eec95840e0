import type { Input } from '@pulumi/pulumi';
import type { ClusterSecret } from '../cluster-secrets';

/** A Secret whose values are known when it is applied. */
export interface AppliedSecret {
  readonly name: string;
  readonly namespace: string;
  /** The values by their keys in the Secret, as they are: not in base64. `AppliedObjects` makes them secret. */
  readonly values: Readonly<Record<string, Input<string>>>;
}

/** A Secret of a cluster with its values, which are given by the names that its kind has for them. */
export function appliedSecret(
  { namespace, secret }: ClusterSecret,
  values: Readonly<Record<string, Input<string>>>,
): AppliedSecret {
  const keys: Readonly<Record<string, string>> = secret.keys;
  return {
    name: secret.name,
    namespace,
    values: Object.fromEntries(Object.entries(values).map(([name, value]) => [keys[name] ?? name, value])),
  };
}

/** One Secret for all values that belong into one: a login beside a certificate. */
export function mergeSecrets(secrets: readonly AppliedSecret[]): readonly AppliedSecret[] {
  const byName = new Map<string, AppliedSecret>();
  for (const secret of secrets) {
    const key = `${secret.namespace}/${secret.name}`;
    byName.set(key, { ...secret, values: { ...byName.get(key)?.values, ...secret.values } });
  }
  return [...byName.values()];
}
