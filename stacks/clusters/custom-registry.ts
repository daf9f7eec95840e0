import { type Cluster, NodeRuntime } from '../../lib';

/** A registry that others run, for the nodes of this cluster. */
export default {
  name: 'custom-registry',
  mirrors: [{ host: 'docker.io', url: 'http://10.0.0.5:5000' }],
  nodes: {
    mode: 'apply',
    pools: [
      { name: 'docker', runtime: NodeRuntime.docker(), selector: { runtime: 'docker' } },
      { name: 'crio', runtime: NodeRuntime.crio(), selector: { runtime: 'crio' } },
    ],
  },
} satisfies Cluster;
