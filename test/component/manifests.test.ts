import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { exampleClusters } from '../support/example-clusters';
import { TestProcess } from '../support/process';
import { validateManifest } from '../support/validator';
import { describeWithTools } from '../support/tools';

/** The Pods that need more than the strictest level: those that reach into nodes, and the one that prepares its folder. */
const NOT_RESTRICTED: Readonly<Record<string, readonly string[]>> = {
  azure: ['DaemonSet/docker-cache-nodes'],
  'azure-identity': ['DaemonSet/docker-cache-edge', 'DaemonSet/docker-cache-gpu'],
  'custom-registry': ['DaemonSet/docker-cache-crio', 'DaemonSet/docker-cache-docker'],
  filesystem: ['DaemonSet/docker-cache-nodes', 'Deployment/docker-cache-docker-io'],
};

const NAMESPACE = `
apiVersion: v1
kind: Namespace
metadata:
  name: cache
  labels: { pod-security.kubernetes.io/enforce: restricted }
`;

const DEPLOYMENT = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: registry, namespace: cache }
spec:
  selector: { matchLabels: { app: registry } }
  template:
    metadata: { labels: { app: registry } }
    spec:
      securityContext: { runAsNonRoot: true, seccompProfile: { type: RuntimeDefault } }
      containers:
        - name: registry
          image: example.com/registry:3
          ports: [{ name: registry, containerPort: 5000 }]
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: [ALL] } }
`;

const SERVICE = `
apiVersion: v1
kind: Service
metadata: { name: registry, namespace: cache }
spec:
  type: NodePort
  selector: { app: registry }
  ports: [{ port: 5000, nodePort: 30500, targetPort: registry }]
`;

const GOOD = [NAMESPACE, DEPLOYMENT, SERVICE];

/** The good manifests with one place changed, which must be there. */
function broken(from: string, to: string): string {
  const text = GOOD.join('---');
  expect(text.split(from)).toHaveLength(2);
  return text.replace(from, to);
}

describeWithTools('the validator of manifests', ['kube-validate'], () => {
  it('has nothing to say about good manifests', async () => {
    expect(await validateManifest(GOOD.join('---'))).toEqual([]);
  });

  it.each([
    [
      'an unknown field',
      'targetPort: registry',
      'targetProt: registry',
      'Service/registry: unknown field "spec.ports[0].targetProt"',
    ],
    [
      'a field stated twice',
      'type: NodePort',
      'type: NodePort\n  type: NodePort',
      'Service/registry: yaml: unmarshal errors',
    ],
    [
      'a wrong port',
      'containerPort: 5000',
      'containerPort: 70000',
      'Deployment/registry: spec.template.spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535',
    ],
    ['a value of the wrong type', 'port: 5000, nodePort', 'port: "5000", nodePort', 'Service/registry: '],
    [
      'a selector that does not match',
      'labels: { app: registry }',
      'labels: { app: other }',
      'Deployment/registry: spec.template.metadata.labels: Invalid value',
    ],
    [
      'a namespace that is not stated',
      'name: registry, namespace: cache }\nspec:\n  type',
      'name: registry }\nspec:\n  type',
      'Service/registry: metadata.namespace: not stated',
    ],
    [
      'a namespace on a cluster-scoped kind',
      'name: cache\n',
      'name: cache\n  namespace: cache\n',
      'Namespace/cache: metadata.namespace: stated for a cluster-scoped kind',
    ],
    [
      'a Pod that its Namespace does not admit',
      'runAsNonRoot: true',
      'runAsNonRoot: false',
      'Deployment/registry: violates PodSecurity "restricted:latest": runAsNonRoot != true',
    ],
    [
      'a level that does not exist',
      'enforce: restricted',
      'enforce: strict',
      'Namespace/cache: metadata.labels: ',
    ],
    [
      'a Pod in a namespace without a level',
      'pod-security.kubernetes.io/enforce',
      'example.com/enforce',
      'Deployment/registry: metadata.namespace: no Namespace "cache" with the label',
    ],
    [
      'a kind that nobody knows',
      'kind: Service',
      'kind: Servant',
      'Servant/registry: no kind "Servant" is registered',
    ],
  ])('refuses %s', async (_, from, to, message) => {
    const problems = await validateManifest(broken(from, to));
    expect(problems.join('\n')).toContain(message);
  });

  it('evaluates Pods one level stricter when asked to', async () => {
    const baseline = broken('enforce: restricted', 'enforce: baseline').replace(
      'runAsNonRoot: true',
      'runAsNonRoot: false',
    );
    expect(await validateManifest(baseline)).toEqual([]);
    expect(await validateManifest(baseline, { level: 'restricted' })).toHaveLength(1);
  });

  it('does not call an empty text good', async () => {
    await expect(validateManifest('---\n# nothing\n')).rejects.toThrow('the input holds no object');
  });
});

describeWithTools('the manifests of the example clusters', ['kube-validate'], () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'manifests-'));
    const synth = await TestProcess.start({
      command: process.execPath,
      args: [resolve(__dirname, '../../stacks/run.js')],
      env: { CDK8S_OUTDIR: folder },
    });
    if ((await synth.exited()) !== 0) throw new Error(`the clusters do not synthesize:\n${synth.log}`);
  });

  afterAll(() => rm(folder, { recursive: true }));

  const manifestOf = (cluster: string) => readFile(join(folder, `${cluster}.k8s.yaml`), 'utf8');
  const names = exampleClusters.map(({ name }) => name);

  it.each(names)('of %s are what a Kubernetes API server accepts', async (name) => {
    expect(await validateManifest(await manifestOf(name))).toEqual([]);
  });

  it.each(names)('of %s need the Pod Security level that they state', async (name) => {
    const problems = await validateManifest(await manifestOf(name), { level: 'restricted' });
    const refused = new Set(problems.map((problem) => problem.split(':')[0]));
    expect([...refused].sort()).toEqual(NOT_RESTRICTED[name]);
  });
});
