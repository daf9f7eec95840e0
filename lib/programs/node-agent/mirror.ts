import type { MirrorConfig } from './config';

/** A mirror as this node sees it, with the texts of the files that its configuration names. */
export interface ResolvedMirror {
  readonly host: string;
  readonly server: string;
  /** Where this node reaches it, without a slash at the end: `http://10.0.0.4:30500`. */
  readonly url: string;
  readonly upstreamHeader: 'required' | 'optional';
  /** PEM text. */
  readonly ca?: string;
  /** Value of the Authorization header: secret. */
  readonly authorization?: string;
  readonly probeImage?: string;
}

/** The URL of a mirror on a node. */
export function mirrorUrl(endpoint: MirrorConfig['endpoint'], hostIp: string | undefined): string {
  if (endpoint.type === 'url') return endpoint.url.replace(/\/+$/, '');
  if (hostIp === undefined) throw new Error('hostIp is missing');
  return `http://${hostIp.includes(':') ? `[${hostIp}]` : hostIp}:${endpoint.port}`;
}
