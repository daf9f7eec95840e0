import { describe, expect, it } from '@jest/globals';
import { AuthSecret, type MirrorCluster, NodeRuntime, type NodePool, type NodesOptions } from '../lib';
import { parseAgentConfig } from '../lib/programs/node-agent/config';
import azureIdentity from '../stacks/clusters/azure-identity';
import filesystem from '../stacks/clusters/filesystem';
import { type KubernetesObject, objectsOf, only } from './support/objects';

function mirrored(nodes: Partial<NodesOptions> = {}, pool: Partial<NodePool> = {}): MirrorCluster {
  return {
    name: 'test',
    mirrors: [{ host: 'docker.io', url: 'https://10.0.0.5:5000' }],
    nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.containerd(), ...pool }], ...nodes },
  };
}

const podOf = (objects: readonly KubernetesObject[], name?: string) =>
  only(objects, 'DaemonSet', name)['spec'].template;
const agentConfigOf = (objects: readonly KubernetesObject[], name: string) =>
  parseAgentConfig(only(objects, 'ConfigMap', name)['data']['config.json'], { HOST_IP: '192.0.2.7' });

/** The node's folders that a Pod sees: how it is mounted, and what the kubelet may make. */
const foldersOf = ({ spec }: { spec: KubernetesObject }) =>
  spec['volumes']
    .filter(({ hostPath }: { hostPath?: unknown }) => hostPath !== undefined)
    .map(({ name, hostPath }: { name: string; hostPath: { path: string; type: string } }) => {
      const mount = spec['containers'][0].volumeMounts.find(
        (mounted: { name: string }) => mounted.name === name,
      );
      expect(mount.mountPath).toBe(`/host${hostPath.path}`);
      return `${hostPath.path} ${mount.readOnly === true ? 'ro' : 'rw'} ${hostPath.type}`;
    });

describe('the configurator of a pool', () => {
  it('tells the agent of a cache of our own on the port of its own node', () => {
    expect(agentConfigOf(objectsOf(filesystem), 'docker-cache-nodes')).toMatchObject({
      mode: 'apply',
      pool: 'nodes',
      runtime: { type: 'docker', imageStore: 'classic' },
      mirrors: [
        {
          host: 'docker.io',
          server: 'https://registry-1.docker.io',
          endpoint: { type: 'nodePort', port: 30500 },
          upstreamHeader: 'required',
          probeImage: 'library/hello-world',
        },
      ],
      probe: { interval: 30 },
    });
  });

  it('tells the agent of a cache behind a host name, with authority and login from Secrets', () => {
    const objects = objectsOf(azureIdentity);
    const { mirrors, runtime } = agentConfigOf(objects, 'docker-cache-edge');
    expect(runtime).toEqual({ type: 'k3s' });
    expect(mirrors.map(({ host, endpoint }) => [host, endpoint])).toEqual([
      ['docker.io', { type: 'url', url: 'https://cache.example.com:30500' }],
      ['mcr.microsoft.com', { type: 'url', url: 'https://cache.example.com:30501' }],
      ['quay.io', { type: 'url', url: 'https://cache.example.com:30502' }],
    ]);
    for (const mirror of mirrors) {
      expect(mirror.caFile).toBe('/etc/docker-cache-node-ca/ca.crt');
      expect(mirror.login).toEqual({
        usernameFile: '/etc/docker-cache-node-login/username',
        passwordFile: '/etc/docker-cache-node-login/password',
      });
    }
    const secrets = podOf(objects, 'docker-cache-edge')
      .spec.volumes.filter(({ secret }: { secret?: unknown }) => secret !== undefined)
      .map(({ secret }: { secret: { secretName: string } }) => secret.secretName);
    expect(secrets).toEqual(['cache-ca', 'cache-login']);
  });

  it('gives a pool only the registries that its runtime can mirror', () => {
    const cluster: MirrorCluster = {
      name: 'test',
      mirrors: [
        { host: 'docker.io', url: '10.0.0.5:5000' },
        { host: 'quay.io', url: '10.0.0.5:5001' },
      ],
      nodes: {
        mode: 'apply',
        pools: [
          { name: 'old', runtime: NodeRuntime.docker(), selector: { runtime: 'docker' } },
          { name: 'new', runtime: NodeRuntime.containerd(), selector: { runtime: 'containerd' } },
        ],
      },
    };
    const objects = objectsOf(cluster);
    const hosts = (name: string) => agentConfigOf(objects, name).mirrors.map(({ host }) => host);
    expect(hosts('docker-cache-old')).toEqual(['docker.io']);
    expect(hosts('docker-cache-new')).toEqual(['docker.io', 'quay.io']);
  });

  it('does not ask of a custom mirror what only a cache of our own answers', () => {
    const [mirror] = agentConfigOf(objectsOf(mirrored()), 'docker-cache-nodes').mirrors;
    expect(mirror).toMatchObject({ upstreamHeader: 'optional' });
    expect(mirror?.probeImage).toBeUndefined();
  });

  it('runs as root without any capability, on every node of the pool, through every taint', () => {
    const { spec } = podOf(
      objectsOf(mirrored({}, { selector: { pool: 'gpu' }, canary: { canary: 'true' } })),
    );
    expect(spec.containers[0].securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(spec).toMatchObject({
      securityContext: { runAsUser: 0, seLinuxOptions: { type: 'spc_t' } },
      automountServiceAccountToken: false,
      dnsPolicy: 'Default',
      priorityClassName: 'system-node-critical',
      tolerations: [{ operator: 'Exists' }],
      nodeSelector: { 'kubernetes.io/os': 'linux', pool: 'gpu', canary: 'true' },
    });
    expect(spec.hostNetwork).toBeUndefined();
  });

  it.each([
    ['docker, classic', NodeRuntime.docker(), true],
    ['docker, containerd store', NodeRuntime.docker({ imageStore: 'containerd' }), false],
    ['containerd', NodeRuntime.containerd(), false],
    ['k3s', NodeRuntime.k3s(), false],
    ['crio', NodeRuntime.crio(), true],
  ])(
    'sees and signals processes of the node only where the runtime needs it: %s',
    (_title, runtime, signals) => {
      const { spec, metadata } = podOf(objectsOf(mirrored({}, { runtime })));
      const annotation = metadata.annotations['container.apparmor.security.beta.kubernetes.io/node-agent'];
      expect([spec.hostPID === true, annotation === 'unconfined']).toEqual([signals, signals]);
    },
  );

  it.each([
    ['docker', NodeRuntime.docker(), ['/etc/docker rw', '/run ro']],
    ['containerd', NodeRuntime.containerd(), ['/etc/containerd ro', '/etc/containerd/certs.d rw']],
    [
      'containerd with a folder of two names',
      NodeRuntime.containerd({ colonFolder: true }),
      ['/etc/containerd rw'],
    ],
    [
      'containerd elsewhere',
      NodeRuntime.containerd({ configFile: '/etc/k0s/containerd.toml', certsDir: '/etc/k0s/certs' }),
      ['/etc/k0s ro', '/etc/k0s/certs rw'],
    ],
    ['rke2', NodeRuntime.rke2(), ['/var/lib/rancher/rke2/agent/etc/containerd rw']],
    [
      'crio',
      NodeRuntime.crio(),
      ['/etc/containers ro', '/etc/containers/registries.conf.d rw', '/etc/containers/certs.d rw'],
    ],
  ])('sees only the folders of its runtime and its own: %s', (_title, runtime, folders) => {
    expect(foldersOf(podOf(objectsOf(mirrored({}, { runtime }))))).toEqual([
      ...folders.map((folder) => `${folder} DirectoryOrCreate`),
      '/etc/os-release ro File',
      '/var/lib/docker-cache rw DirectoryOrCreate',
    ]);
  });

  it.each([
    [NodeRuntime.docker(), ['/etc ro Directory', '/run ro Directory']],
    [NodeRuntime.containerd(), ['/etc ro Directory']],
    [NodeRuntime.k3s(), ['/var ro Directory']],
  ])('makes no folder on a node while it only plans: %j', (runtime, folders) => {
    expect(foldersOf(podOf(objectsOf(mirrored({ mode: 'plan' }, { runtime }))))).toEqual(folders);
  });

  it('puts nodes back without any Secret, for they may be gone by then', () => {
    const nodes = { ca: AuthSecret.ca('cache-ca'), login: AuthSecret.login('cache-login') };
    const secretsIn = (mode: 'apply' | 'restore') =>
      podOf(objectsOf(mirrored({ ...nodes, mode }))).spec.volumes.filter(
        ({ secret }: { secret?: unknown }) => secret !== undefined,
      ).length;
    expect([secretsIn('apply'), secretsIn('restore')]).toEqual([2, 0]);
  });

  it('rolls a share of the nodes at a time, when and only when its configuration changes', () => {
    const daemonSet = (nodes: Partial<NodesOptions>) => only(objectsOf(mirrored(nodes)), 'DaemonSet')['spec'];
    const hash = (nodes: Partial<NodesOptions>) =>
      daemonSet(nodes).template.metadata.annotations['docker-cache/config-hash'];
    expect(daemonSet({}).updateStrategy.rollingUpdate.maxUnavailable).toBe('10%');
    expect(daemonSet({ maxUnavailable: 3 }).updateStrategy.rollingUpdate.maxUnavailable).toBe(3);
    expect(hash({})).toBe(hash({ maxUnavailable: 3 }));
    expect(hash({})).not.toBe(hash({ probe: { interval: '1m' } }));
  });

  it('takes over what it is told to, and merges only where it is told to', () => {
    const pool = { replaces: ['http://10.0.0.1:30500'], mergeForeignFiles: true };
    expect(agentConfigOf(objectsOf(mirrored({}, pool)), 'docker-cache-nodes')).toMatchObject(pool);
    expect(agentConfigOf(objectsOf(mirrored()), 'docker-cache-nodes').mergeForeignFiles).toBeUndefined();
  });
});
