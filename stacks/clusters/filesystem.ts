import { type Cluster, NodeRuntime, StorageBackend } from '../../lib';

/** Docker Hub, cached in a folder of one node. */
export default {
  name: 'filesystem',
  cache: { storage: StorageBackend.hostPath({ node: 'node-1' }) },
  nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.docker() }] },
} satisfies Cluster;
