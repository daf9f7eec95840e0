import type { AuthSecret, AuthSecretKind } from '../auth-secret';
import { isDnsSubdomain } from '../names';
import type { Problem } from '../problem';

/** A reference to a Secret of the kind that is wanted there, by a name that Kubernetes accepts. */
export function secretProblems(
  property: string,
  secret: AuthSecret | undefined,
  kind: AuthSecretKind,
): Problem[] {
  if (secret === undefined) return [];
  if (secret.kind !== kind) {
    return [
      {
        property,
        problem: 'is a Secret of another kind',
        value: secret.kind,
        remedy: `use AuthSecret.${kind}`,
      },
    ];
  }
  if (isDnsSubdomain(secret.name)) return [];
  return [
    {
      property,
      problem: 'is not the name of a Secret',
      value: secret.name,
      remedy: 'use lower-case letters, digits, dashes and dots',
    },
  ];
}
