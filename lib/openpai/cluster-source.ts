import { defaultContainer } from '../storage/azure-blob';
import { defaultHostPath } from '../storage/host-path';
import { dockerHubHost, publicServer } from '../upstream';
import { statesUpstream } from './cluster-of-plan';
import { type CachePlan, type ClusterPlan, importedSecrets, type PlannedRuntime } from './cluster-plan';
import { type Expression, literal, print } from './expression';

const runtimes: Readonly<Record<PlannedRuntime, Expression>> = {
  docker: { call: 'NodeRuntime.docker' },
  'docker-containerd-store': {
    call: 'NodeRuntime.docker',
    argument: { object: { imageStore: literal('containerd') } },
  },
  containerd: { call: 'NodeRuntime.containerd' },
  k3s: { call: 'NodeRuntime.k3s' },
  rke2: { call: 'NodeRuntime.rke2' },
  crio: { call: 'NodeRuntime.crio' },
};

const secret = (kind: string, name: string): Expression => ({
  call: `AuthSecret.${kind}`,
  argument: literal(name),
});

function storage({ storage }: CachePlan): Expression {
  if (storage.type === 'filesystem') {
    const path = storage.path === defaultHostPath ? undefined : literal(storage.path);
    return { call: 'StorageBackend.hostPath', argument: { object: { node: literal(storage.node), path } } };
  }
  return {
    call: 'StorageBackend.azureBlob',
    argument: {
      object: {
        accountName: literal(storage.accountName),
        container: storage.container === defaultContainer ? undefined : literal(storage.container),
        credentials: {
          object: {
            type: literal('accountKey'),
            secret: secret('azureAccountKey', importedSecrets.accountKey),
          },
        },
      },
    },
  };
}

function upstreams(plan: CachePlan): Expression | undefined {
  if (!statesUpstream(plan)) return undefined;
  const { remoteUrl, nodePort } = plan;
  const url = remoteUrl === publicServer(dockerHubHost) ? undefined : literal(remoteUrl);
  const port = nodePort === undefined ? undefined : String(nodePort);
  return { list: [{ call: 'Upstream.dockerHub', argument: { object: { url, nodePort: port } } }] };
}

function access({ users }: CachePlan): Expression | undefined {
  if (users === undefined) return undefined;
  const options = {
    users: secret('htpasswd', importedSecrets.htpasswd),
    tls: secret('tls', users.tlsSecret),
  };
  return { call: 'Access.htpasswd', argument: { object: options } };
}

function nodes(plan: ClusterPlan): Expression {
  const users = 'mirror' in plan ? undefined : plan.users;
  const replaces = plan.replaces.length === 0 ? undefined : { list: plan.replaces.map(literal) };
  return {
    object: {
      mode: literal('plan'),
      endpoint: users && { object: { type: literal('host'), host: literal(users.host) } },
      ca: users && secret('ca', users.caSecret),
      login: users && secret('login', users.loginSecret),
      pools: { list: [{ object: { runtime: runtimes[plan.runtime], replaces } }] },
    },
  };
}

function cluster(plan: ClusterPlan): Expression {
  if ('mirror' in plan) {
    const mirror = { object: { host: literal(dockerHubHost), url: literal(plan.mirror) } };
    return { object: { name: literal(plan.name), mirrors: { list: [mirror] }, nodes: nodes(plan) } };
  }
  const cache = { upstreams: upstreams(plan), storage: storage(plan), access: access(plan) };
  return { object: { name: literal(plan.name), cache: { object: cache }, nodes: nodes(plan) } };
}

/** The TypeScript file of a cluster; `library` is what it imports. */
export function clusterSource(plan: ClusterPlan, library: string): string {
  const start = 'export default ';
  const body = print(cluster(plan), '', 200);
  const names = ['Access', 'AuthSecret', 'Cluster', 'NodeRuntime', 'StorageBackend', 'Upstream']
    .filter((name) => name === 'Cluster' || body.includes(`${name}.`))
    .map((name) => (name === 'Cluster' ? 'type Cluster' : name));
  return [
    `import { ${names.join(', ')} } from ${literal(library)};`,
    '',
    "/** Made by docker-cache import. Nodes are only shown what would change until mode is 'apply'. */",
    `${start}${body} satisfies Cluster;`,
    '',
  ].join('\n');
}
