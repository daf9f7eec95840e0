import { type Cluster, StorageBackend } from '../../../lib';
import example from '../../../stacks/clusters/filesystem';
import { site } from '../support/site';
import { cacheHere, nodesHere } from './here';

/** The example as it is, but for where it runs. */
export default {
  ...example,
  name: 'e2e-filesystem',
  cache: { ...cacheHere(example.cache), storage: StorageBackend.hostPath({ node: site.node }) },
  nodes: nodesHere(example.nodes),
} satisfies Cluster;
