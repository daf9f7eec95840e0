export type RequestKind = 'ping' | 'token' | 'manifest' | 'blob' | 'other';

/** What a path of a registry asks for. */
export interface Target {
  readonly kind: RequestKind;
  /** The repository; empty for a ping or a token. */
  readonly repository: string;
  /** The tag or digest. */
  readonly reference: string;
  /** Whether it is the signed address of a blob, to which the registry redirects. */
  readonly signed: boolean;
}

/** Reads the path of a request; the query does not count (containerd adds `?ns=`). */
export function target(path: string): Target {
  const nothing = { repository: '', reference: '', signed: false };
  if (path === '/v2/' || path === '/v2') return { kind: 'ping', ...nothing };
  if (path === '/token') return { kind: 'token', ...nothing };
  const match = /^\/(v2|signed)\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path);
  if (match === null) return { kind: 'other', ...nothing };
  const [, root, repository = '', kind, reference = ''] = match;
  return { kind: kind === 'blobs' ? 'blob' : 'manifest', repository, reference, signed: root === 'signed' };
}
