import type { Cluster, NodesOptions } from '../cluster';
import { mirrorUrl } from '../mirror-url';
import { isDockerClassic } from '../node-runtime';
import type { Problem } from '../problem';
import { resolveCache } from '../resolved-cache';

function classicPools({ pools }: NodesOptions): number[] {
  return pools.flatMap((pool, index) => (isDockerClassic(pool.runtime) ? [index] : []));
}

function htpasswdProblems(nodes: NodesOptions): Problem[] {
  const problems: Problem[] = classicPools(nodes).map((index) => ({
    property: `nodes.pools[${index}].runtime`,
    problem:
      'never pulls from a cache with a login: the classic image store sends none to a mirror, falls back silently, and may hand over the login of Docker Hub',
    value: 'docker, classic image store',
    remedy: "use NodeRuntime.docker({ imageStore: 'containerd' }), or Access.open",
  }));
  if (nodes.login === undefined) {
    problems.push({
      property: 'nodes.login',
      problem: 'is missing, so the cache would refuse every node',
      remedy: "name the Secret: login: AuthSecret.login('cache-login')",
    });
  }
  if ((nodes.endpoint ?? { type: 'nodePort' }).type === 'nodePort') {
    problems.push({
      property: 'nodes.endpoint',
      problem: "cannot be nodePort with TLS: the certificate would need every node's address",
      value: 'nodePort',
      remedy: "use { type: 'host', host: 'cache.example.com' } with a name of the certificate",
    });
  }
  return problems;
}

function loginProblems(nodes: NodesOptions, overTls: boolean, asked: boolean): Problem[] {
  const problems: Problem[] = [];
  if (nodes.login !== undefined && !asked) {
    problems.push({
      property: 'nodes.login',
      problem: 'is asked for by nobody: the cache is open',
      value: nodes.login.name,
      remedy: 'remove it, or use Access.htpasswd',
    });
  } else if (nodes.login !== undefined && !overTls) {
    problems.push({
      property: 'nodes.login',
      problem: 'would pass in clear text',
      value: nodes.login.name,
      remedy: 'use an https URL for every mirror',
    });
  }
  if (nodes.ca !== undefined && !overTls) {
    problems.push({
      property: 'nodes.ca',
      problem: 'is never used without TLS',
      value: nodes.ca.name,
      remedy: 'remove it, or serve over https',
    });
  }
  return problems;
}

/** Whether nodes can log in where they must, and do not where it would betray a password. */
export function nodeAccessProblems(cluster: Cluster): Problem[] {
  const { nodes } = cluster;
  if (nodes === undefined) return [];
  if (cluster.cache !== undefined) {
    const withLogin = resolveCache(cluster.cache).access.type === 'htpasswd';
    return [...(withLogin ? htpasswdProblems(nodes) : []), ...loginProblems(nodes, withLogin, withLogin)];
  }
  const overTls = cluster.mirrors.every(({ url }) => mirrorUrl(url).startsWith('https:'));
  const classic: Problem[] =
    nodes.login === undefined
      ? []
      : classicPools(nodes).map((index) => ({
          property: `nodes.pools[${index}].runtime`,
          problem: 'sends no login to a mirror, with the classic image store',
          value: 'docker, classic image store',
          remedy: "use NodeRuntime.docker({ imageStore: 'containerd' }), or remove nodes.login",
        }));
  return [...classic, ...loginProblems(nodes, overTls, true)];
}
