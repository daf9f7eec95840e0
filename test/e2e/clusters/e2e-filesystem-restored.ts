import { type Cluster } from '../../../lib';
import filesystem from './e2e-filesystem';

/** The nodes are put back to what they were. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-restored',
  nodes: { ...filesystem.nodes, mode: 'restore' },
} satisfies Cluster;
