import type { CacheEndpoint, Mirror } from './cluster';
import type { CacheMirror } from './image-cache';
import { mirrorUrl } from './mirror-url';
import { publicServer } from './upstream';

/** A mirror as a node is told of it. */
export interface NodeMirror {
  /** The registry whose images are served, as image references name it. */
  readonly host: string;
  /** That registry's public address, which the runtime falls back to. */
  readonly server: string;
  /** Where the mirror answers: on a port of this node, or at the same URL for all. */
  readonly endpoint:
    { readonly type: 'nodePort'; readonly port: number } | { readonly type: 'url'; readonly url: string };
  /** Whether it is a cache of our own, which names its upstream in every answer. */
  readonly ours: boolean;
}

/** The mirrors of a cache of our own, at the endpoint that nodes reach it at. */
export function cacheNodeMirrors(
  mirrors: readonly CacheMirror[],
  endpoint: CacheEndpoint = { type: 'nodePort' },
): NodeMirror[] {
  return mirrors.map(({ host, server, nodePort, scheme }) => ({
    host,
    server,
    endpoint:
      endpoint.type === 'nodePort'
        ? { type: 'nodePort', port: nodePort }
        : { type: 'url', url: `${scheme}://${endpoint.host}:${nodePort}` },
    ours: true,
  }));
}

/** The mirrors that others run. */
export function customNodeMirrors(mirrors: readonly Mirror[]): NodeMirror[] {
  return mirrors.map(({ host, url }) => ({
    host,
    server: publicServer(host),
    endpoint: { type: 'url', url: mirrorUrl(url) },
    ours: false,
  }));
}
