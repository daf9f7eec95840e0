import { type Cluster, Upstream } from '../../../lib';
import filesystem from './e2e-filesystem';
import { hubHere } from './here';

/** The cache says more, and reaches its upstream through a proxy: two changes of its configuration. */
export default {
  ...filesystem,
  name: 'e2e-filesystem-talkative',
  cache: {
    ...filesystem.cache,
    logLevel: 'info',
    upstreams: [Upstream.dockerHub({ ...hubHere, proxy: { httpsProxy: 'http://proxy.example.com:3128' } })],
  },
} satisfies Cluster;
