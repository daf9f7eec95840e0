import { Access, AuthSecret, type Cluster, NodeRuntime, StorageBackend, Upstream } from '../../lib';

/** Three registries in an Azure storage account without any key, for users with a password. */
export default {
  name: 'azure-identity',
  cache: {
    replicas: 2,
    upstreams: [
      Upstream.dockerHub({ nodePort: 30500, credentials: AuthSecret.login('docker-hub') }),
      Upstream.mcr({ nodePort: 30501 }),
      Upstream.quay({ nodePort: 30502 }),
    ],
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'workloadIdentity', secret: AuthSecret.azureIdentity('azure-identity') },
    }),
    access: Access.htpasswd({ users: AuthSecret.htpasswd('cache-users'), tls: AuthSecret.tls('cache-tls') }),
  },
  nodes: {
    mode: 'plan',
    endpoint: { type: 'host', host: 'cache.example.com' },
    ca: AuthSecret.ca('cache-ca'),
    login: AuthSecret.login('cache-login'),
    pools: [
      { name: 'gpu', runtime: NodeRuntime.containerd(), selector: { pool: 'gpu' } },
      { name: 'edge', runtime: NodeRuntime.k3s(), selector: { pool: 'edge' } },
    ],
  },
} satisfies Cluster;
