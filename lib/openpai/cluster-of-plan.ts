import { Access } from '../access';
import { AuthSecret } from '../auth-secret';
import type { Cluster, NodesOptions } from '../cluster';
import { NodeRuntime } from '../node-runtime';
import { StorageBackend } from '../storage-backend';
import { dockerHubHost, publicServer, Upstream } from '../upstream';
import { type CachePlan, type ClusterPlan, importedSecrets, type PlannedRuntime } from './cluster-plan';

function runtimeOf(runtime: PlannedRuntime): NodeRuntime {
  switch (runtime) {
    case 'docker':
      return NodeRuntime.docker();
    case 'docker-containerd-store':
      return NodeRuntime.docker({ imageStore: 'containerd' });
    case 'containerd':
    case 'k3s':
    case 'rke2':
    case 'crio':
      return NodeRuntime[runtime]();
  }
}

function storageOf({ storage }: CachePlan): StorageBackend {
  return storage.type === 'filesystem'
    ? StorageBackend.hostPath({ node: storage.node, path: storage.path })
    : StorageBackend.azureBlob({
        accountName: storage.accountName,
        container: storage.container,
        credentials: {
          type: 'accountKey',
          secret: AuthSecret.azureAccountKey(importedSecrets.accountKey),
        },
      });
}

/** Whether an upstream is anything but Docker Hub on its usual port. */
export function statesUpstream({ remoteUrl, nodePort }: CachePlan): boolean {
  return remoteUrl !== publicServer(dockerHubHost) || nodePort !== undefined;
}

function nodesOf(plan: ClusterPlan): NodesOptions {
  const users = 'mirror' in plan ? undefined : plan.users;
  return {
    mode: 'plan',
    ...(users !== undefined && {
      endpoint: { type: 'host', host: users.host } as const,
      ca: AuthSecret.ca(users.caSecret),
      login: AuthSecret.login(users.loginSecret),
    }),
    pools: [
      {
        runtime: runtimeOf(plan.runtime),
        ...(plan.replaces.length > 0 && { replaces: plan.replaces }),
      },
    ],
  };
}

/** The cluster that a plan describes; its nodes are shown what would change, and not changed. */
export function clusterOfPlan(plan: ClusterPlan): Cluster {
  if ('mirror' in plan) {
    return {
      name: plan.name,
      mirrors: [{ host: dockerHubHost, url: plan.mirror }],
      nodes: nodesOf(plan),
    };
  }
  const { name, users, remoteUrl, nodePort } = plan;
  return {
    name,
    cache: {
      ...(statesUpstream(plan) && { upstreams: [Upstream.dockerHub({ url: remoteUrl, nodePort })] }),
      storage: storageOf(plan),
      ...(users !== undefined && {
        access: Access.htpasswd({
          users: AuthSecret.htpasswd(importedSecrets.htpasswd),
          tls: AuthSecret.tls(users.tlsSecret),
        }),
      }),
    },
    nodes: nodesOf(plan),
  };
}
