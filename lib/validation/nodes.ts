import type { NodesOptions } from '../cluster';
import { durationSeconds } from '../duration';
import type { Problem } from '../problem';
import { poolsProblems } from './pools';
import { secretProblems } from './secrets';
import { type KeysOf, unknownKeys } from './unknown-keys';
import { isRegistryHost } from './upstream';

const nodesKeys: KeysOf<Required<NodesOptions>> = {
  mode: true,
  endpoint: true,
  ca: true,
  login: true,
  pools: true,
  probe: true,
  image: true,
  maxUnavailable: true,
};

const modes = ['plan', 'apply', 'restore'];

function modeProblems(mode: string | undefined): Problem[] {
  if (mode !== undefined && modes.includes(mode)) return [];
  return [
    {
      property: 'mode',
      problem: 'has no default: a person says what happens to every node',
      value: mode,
      remedy: `write one of ${modes.join(', ')}`,
    },
  ];
}

function endpointProblems({ type, host = '' }: { readonly type: string; readonly host?: string }): Problem[] {
  if (type !== 'nodePort' && type !== 'host') {
    return [
      { property: 'endpoint.type', problem: 'is not supported', value: type, remedy: 'use nodePort or host' },
    ];
  }
  const isAddress = /^\[[0-9a-f:.]+\]$/i.test(host);
  if (type === 'nodePort' || isAddress || (isRegistryHost(host) && !host.includes(':'))) return [];
  return [
    {
      property: 'endpoint.host',
      problem: 'must be a host alone',
      value: host,
      remedy:
        'write it like cache.example.com, an IPv6 address in brackets; scheme and port come from the cache',
    },
  ];
}

function probeProblems({ probe }: NodesOptions): Problem[] {
  if (probe?.interval === undefined) return [];
  const seconds = durationSeconds(probe.interval);
  if (seconds !== undefined && seconds >= 1 && seconds <= 3600) return [];
  return [
    {
      property: 'probe.interval',
      problem: 'must be from 1s to 1h, with its unit',
      value: probe.interval,
      remedy: 'write it like 30s',
    },
  ];
}

function maxUnavailableProblems({ maxUnavailable = '10%' }: NodesOptions): Problem[] {
  if (/^([1-9]\d?|100)%$|^[1-9]\d*$/.test(String(maxUnavailable))) return [];
  return [
    {
      property: 'maxUnavailable',
      problem: 'must let at least one node change at a time',
      value: maxUnavailable,
      remedy: 'write a number of nodes, or a share like 10%',
    },
  ];
}

/** What is wrong with the nodes of a cluster, the cache apart; properties are below `nodes`. */
export function nodesProblems(nodes: NodesOptions): Problem[] {
  return [
    ...unknownKeys('', nodes, nodesKeys),
    ...modeProblems(nodes.mode),
    ...endpointProblems(nodes.endpoint ?? { type: 'nodePort' }),
    ...poolsProblems(nodes.pools),
    ...probeProblems(nodes),
    ...maxUnavailableProblems(nodes),
    ...secretProblems('ca', nodes.ca, 'ca'),
    ...secretProblems('login', nodes.login, 'login'),
  ];
}
