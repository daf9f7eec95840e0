import type { TestCluster } from './cluster';
import type { KubernetesObject } from './kubectl';

/** Enforces a Pod Security level from now on. */
export async function setLevel({ kubectl }: TestCluster, namespace: string, level: string): Promise<void> {
  const label = `pod-security.kubernetes.io/enforce=${level}`;
  await kubectl.run(['label', 'namespace', namespace, label, '--overwrite']);
}

/** What the API server says against a Pod of a namespace's workload; empty when it admits it. Nothing is created. */
export async function admission(
  { kubectl }: TestCluster,
  namespace: string,
  workload: 'deployment' | 'daemonset',
): Promise<string> {
  const list = await kubectl.get('-n', namespace, workload);
  const [first] = list['items'] as KubernetesObject[];
  const template = first?.['spec'].template as KubernetesObject;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...template['metadata'], name: 'admitted', namespace },
    spec: template['spec'],
  };
  const { code, stderr } = await kubectl.try(['create', '--dry-run=server', '-f', '-'], JSON.stringify(pod));
  return code === 0 ? '' : stderr;
}
