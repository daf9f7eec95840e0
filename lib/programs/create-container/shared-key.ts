import { createHmac } from 'node:crypto';

export interface SignedRequest {
  readonly method: string;
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** Headers that Azure signs by position, in its order; the date stands in `x-ms-date`. */
const positional = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-md5',
  'content-type',
  'date',
  'if-modified-since',
  'if-match',
  'if-none-match',
  'if-unmodified-since',
  'range',
];

function canonicalHeaders(headers: SignedRequest['headers']): string {
  return Object.entries(headers)
    .filter(([name]) => name.startsWith('x-ms-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
}

function canonicalResource(account: string, url: URL): string {
  const names = [...new Set(url.searchParams.keys())].sort();
  const query = names.map(
    (name) => `\n${name.toLowerCase()}:${url.searchParams.getAll(name).sort().join(',')}`,
  );
  return `/${account}${url.pathname}${query.join('')}`;
}

/**
 * The `authorization` header that proves knowledge of an account's key without sending it.
 * @see https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key
 */
export function sharedKeyAuthorization(account: string, key: Uint8Array, request: SignedRequest): string {
  const { method, url, headers } = request;
  const lines = positional.map((name) => headers[name] ?? '');
  const text =
    [method, ...lines, ''].join('\n') + canonicalHeaders(headers) + canonicalResource(account, url);
  const signature = createHmac('sha256', key).update(text, 'utf8').digest('base64');
  return `SharedKey ${account}:${signature}`;
}
