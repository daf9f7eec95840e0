import type { NodePool, NodesOptions } from './cluster';
import { durationSeconds } from './duration';
import type { NodeMirror } from './node-mirror';
import { nodeSecretFiles } from './node-secrets';
import type { AgentConfig, MirrorConfig } from './programs/node-agent/config';
import { agentPort } from './node-agent-ports';
import { dockerHubHost } from './upstream';
import { canMirror } from './validation/reachability';
import { defaultPoolName } from './validation/pools';

/** Repositories that show whether a cache still reads its storage, by registry. */
const defaultProbeImages: Readonly<Record<string, string>> = { [dockerHubHost]: 'library/hello-world' };

function mirrorConfig(nodes: NodesOptions, { host, server, endpoint, ours }: NodeMirror): MirrorConfig {
  const overTls = endpoint.type === 'url' && endpoint.url.startsWith('https:');
  return {
    host,
    server,
    endpoint,
    upstreamHeader: ours ? 'required' : 'optional',
    caFile: nodes.ca === undefined || !overTls ? undefined : nodeSecretFiles.ca,
    login:
      nodes.login === undefined
        ? undefined
        : { usernameFile: nodeSecretFiles.username, passwordFile: nodeSecretFiles.password },
    probeImage: ours
      ? (nodes.probe?.images?.[host] ?? defaultProbeImages[host])
      : nodes.probe?.images?.[host],
  };
}

/** What the agent of one pool is told. */
export function agentConfig(
  nodes: NodesOptions,
  pool: NodePool,
  mirrors: readonly NodeMirror[],
): AgentConfig {
  const interval = durationSeconds(nodes.probe?.interval ?? '30s');
  return {
    version: 1,
    mode: nodes.mode,
    pool: pool.name ?? defaultPoolName,
    runtime: pool.runtime,
    mirrors: mirrors
      .filter(({ host }) => canMirror(pool.runtime, host))
      .map((mirror) => mirrorConfig(nodes, mirror)),
    replaces: pool.replaces === undefined ? undefined : [...pool.replaces],
    mergeForeignFiles: pool.mergeForeignFiles,
    probe: interval === undefined ? undefined : { interval },
    listen: { port: agentPort.containerPort },
  };
}
