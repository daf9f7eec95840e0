import { type Cluster, StorageBackend } from '../../../lib';
import filesystem from './e2e-filesystem';
import { site } from '../support/site';

/** The cache keeps its images in another folder. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-moved',
  cache: {
    ...filesystem.cache,
    storage: StorageBackend.hostPath({ node: site.node, path: '/var/lib/moved' }),
  },
} satisfies Cluster;
