import { k8s } from 'cdk8s-plus-27';
import type { Construct } from 'constructs';
import { product } from './names';

/** A namespace that admits no Pod above a level: https://kubernetes.io/docs/concepts/security/pod-security-standards/. */
export function podSecurityNamespace(
  scope: Construct,
  name: string,
  level: 'restricted' | 'baseline' | 'privileged',
): k8s.KubeNamespace {
  return new k8s.KubeNamespace(scope, 'namespace', {
    metadata: {
      name,
      labels: { 'app.kubernetes.io/part-of': product, 'pod-security.kubernetes.io/enforce': level },
    },
  });
}
