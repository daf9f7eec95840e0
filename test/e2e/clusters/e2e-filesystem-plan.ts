import type { Cluster } from '../../../lib';
import filesystem from './e2e-filesystem';

/** Nodes are looked at and left as they are. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-plan',
  nodes: { ...filesystem.nodes, mode: 'plan' },
} satisfies Cluster;
