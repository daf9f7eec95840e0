import { AuthSecret, type Cluster, StorageBackend } from '../../../lib';
import example from '../../../stacks/clusters/azure';
import { site } from '../support/site';
import { cacheHere, nodesHere } from './here';

/** The example on an emulator of Azure. */
export default {
  ...example,
  name: 'e2e-azure',
  cache: {
    ...cacheHere(example.cache),
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
      serviceUrl: `http://${site.hostAddress}:${site.ports.azurite}/forexample`,
    }),
  },
  nodes: nodesHere(example.nodes),
} satisfies Cluster;
