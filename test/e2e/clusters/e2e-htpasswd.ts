import { Access, AuthSecret, type Cluster, FrontTier } from '../../../lib';
import { site } from '../support/site';
import filesystem from './e2e-filesystem';

/** A cache for users with a password, which nodes reach under a host that is in its certificate. */
export default {
  ...filesystem,
  name: 'e2e-htpasswd',
  cache: {
    ...filesystem.cache,
    // Varnish ends TLS from 9.0 on, and no such Varnish is a Debian package yet.
    frontTier: FrontTier.none(),
    access: Access.htpasswd({ users: AuthSecret.htpasswd('cache-users'), tls: AuthSecret.tls('cache-tls') }),
  },
  nodes: {
    ...filesystem.nodes,
    endpoint: { type: 'host', host: site.nodeAddress },
    ca: AuthSecret.ca('cache-ca'),
    login: AuthSecret.login('cache-login'),
  },
} satisfies Cluster;
