import { isDnsSubdomain } from '../names';
import type { Problem } from '../problem';

/** A node that exists by name, and a folder that cannot be a mistake. */
export function hostPathProblems({
  node,
  path,
}: {
  readonly node: unknown;
  readonly path: unknown;
}): Problem[] {
  const problems: Problem[] = [];
  if (!isDnsSubdomain(node)) {
    problems.push({
      property: 'node',
      problem: 'must name the node that keeps the images, else the cache moves away from its data',
      value: node,
      remedy: 'write its kubernetes.io/hostname label, as `kubectl get nodes --show-labels` prints it',
    });
  }
  if (typeof path !== 'string' || !/^(\/[A-Za-z0-9][A-Za-z0-9._-]*)+$/.test(path)) {
    problems.push({
      property: 'path',
      problem: 'must be an absolute folder of letters, digits, dots and dashes, without a slash at its end',
      value: path,
      remedy: 'write it like /var/lib/registry',
    });
  }
  return problems;
}
