import { type Cluster, NodeRuntime } from '../../../lib';
import filesystem from './e2e-filesystem';

/** Nodes whose containerd was never told about a folder for hosts.toml files. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-colon',
  nodes: { ...filesystem.nodes, pools: [{ runtime: NodeRuntime.containerd({ colonFolder: true }) }] },
} satisfies Cluster;
