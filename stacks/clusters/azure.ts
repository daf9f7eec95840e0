import { AuthSecret, type Cluster, NodeRuntime, StorageBackend } from '../../lib';

/** Docker Hub, cached in an Azure storage account that is opened with its key. */
export default {
  name: 'azure',
  cache: {
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    }),
  },
  nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.containerd() }] },
} satisfies Cluster;
