import { parseToml, tomlProblem, tomlTable } from './toml';
import { tomlTables } from './toml-tables';

/** First line of every file that the agent made. */
export const ourMark =
  '# Written by docker-cache, which keeps it up to date and removes it with mode "restore".';

const blockBegin = '# docker-cache: begin of its entry; the rest of this file is not its own';
const blockEnd = '# docker-cache: end of its entry';

/** A mirror as containerd, and docker with the containerd image store, ask it. */
export interface HostsTomlMirror {
  /** Address of the registry itself, asked when the mirror has no answer. */
  readonly server: string;
  readonly url: string;
  /** File on the node. @default the certificate authorities of the node */
  readonly caFile?: string;
  /** Value of the Authorization header. @default none is sent */
  readonly authorization?: string;
}

/** The whole `hosts.toml` of a mirror. */
export function hostsToml(mirror: HostsTomlMirror): string {
  return [ourMark, `server = ${quoted(mirror.server)}`, '', ...hostTable(mirror), ''].join('\n');
}

/** Whether the agent wrote the whole file. */
export function isMarked(text: string): boolean {
  return text.startsWith(ourMark);
}

/** Why the text is no `hosts.toml` that containerd would read; undefined when it is one. */
export function hostsTomlProblem(text: string): string | undefined {
  const problem = tomlProblem(text);
  if (problem !== undefined) return problem;
  const { host } = parseToml(text);
  return host === undefined || tomlTable(host) !== undefined ? undefined : 'host is not a table';
}

/** The URLs that a valid `hosts.toml` names, in order. */
export function hostUrls(text: string): string[] {
  return Object.keys(tomlTable(parseToml(text)['host']) ?? {});
}

/**
 * Somebody else's valid `hosts.toml` with our mirror, marked, before its own hosts: they are asked in the
 * order of the file. Everything else stays as it is.
 */
export function mergeHostsToml(text: string, mirror: HostsTomlMirror): string {
  const rest = removeHostsTomlBlock(text);
  const eol = /\r\n/.test(rest) ? '\r\n' : '\n';
  const block = [blockBegin, ...hostTable(mirror), blockEnd].join(eol);
  const at = tomlTables(rest)[0]?.offset ?? rest.length;
  // At the end of a text without a line end, the line end goes to the front, and so goes away with the block.
  const joined = at === rest.length && rest !== '' && !rest.endsWith('\n') ? eol + block : block + eol;
  return rest.slice(0, at) + joined + rest.slice(at);
}

/** The text without our marked block. */
export function removeHostsTomlBlock(text: string): string {
  const begin = lineOffset(text, blockBegin, 0);
  if (begin === -1) return text;
  const end = lineOffset(text, blockEnd, begin);
  if (end === -1) return text;
  const after = text.slice(end + blockEnd.length);
  const eol = /^\r?\n/.exec(after)?.[0];
  if (eol !== undefined) return text.slice(0, begin) + after.slice(eol.length);
  return text.slice(0, begin).replace(/\r?\n$/, '') + after;
}

/** The text without the tables of some hosts. */
export function removeHosts(text: string, urls: readonly string[]): string {
  const tables = tomlTables(text);
  const isRemoved = (path: readonly string[]) =>
    path[0] === 'host' && urls.some((url) => sameUrl(url, path[1] ?? ''));
  return tables.reduceRight((rest, { offset, path }, index) => {
    if (!isRemoved(path)) return rest;
    return rest.slice(0, offset) + rest.slice(tables[index + 1]?.offset ?? rest.length);
  }, text);
}

/** Whether two mirror URLs are the same but for a slash at the end. */
export function sameUrl(one: string, other: string): boolean {
  return one.replace(/\/+$/, '') === other.replace(/\/+$/, '');
}

/** `pull` and `resolve` only: containerd 1.6 ignores a whole file for a capability that it does not know. */
function hostTable({ url, caFile, authorization }: HostsTomlMirror): string[] {
  return [
    `[host.${quoted(url)}]`,
    '  capabilities = ["pull", "resolve"]',
    ...(caFile === undefined ? [] : [`  ca = ${quoted(caFile)}`]),
    ...(authorization === undefined
      ? []
      : [`  [host.${quoted(url)}.header]`, `    Authorization = ${quoted(authorization)}`]),
  ];
}

/** Every JSON string of printable text is a TOML basic string too. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

function lineOffset(text: string, line: string, from: number): number {
  const at = text.indexOf(line, from);
  return at <= 0 || text[at - 1] === '\n' ? at : -1;
}
