import type { Cluster } from '../../../lib';
import filesystem from './e2e-filesystem';

/** Only nodes with the canary's label are changed. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-canary',
  nodes: {
    ...filesystem.nodes,
    pools: filesystem.nodes.pools.map((pool) => ({ ...pool, canary: { canary: 'yes' } })),
  },
} satisfies Cluster;
