import { parseTree, type Node } from 'jsonc-parser';
import { sameUrl } from './hosts-toml';

const key = 'registry-mirrors';

/** Why dockerd would not start with the text; undefined when it is a `daemon.json` that can be edited. */
export function daemonJsonProblem(text: string): string | undefined {
  try {
    JSON.parse(text);
  } catch (error) {
    return `it is not JSON: ${error instanceof Error ? syntaxError(error.message) : ''}`;
  }
  const root = parseTree(text);
  if (root?.type !== 'object') return 'it is not a JSON object';
  const names = properties(root).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return `${JSON.stringify(twice)} stands in it twice`;
  const misspelt = names.find((name) => name !== key && name.toLowerCase() === key);
  if (misspelt !== undefined) return `${JSON.stringify(misspelt)} is not a key of dockerd`;
  const mirrors = find(root)?.value;
  if (mirrors === undefined || mirrors.type === 'null') return undefined;
  const strings = mirrors.type === 'array' && elements(mirrors).every(({ type }) => type === 'string');
  return strings ? undefined : `"${key}" is not a list of URLs`;
}

/** The mirrors of a valid `daemon.json`; undefined when the key is not in it. */
export function daemonJsonMirrors(text: string): string[] | undefined {
  const root = parseTree(text);
  const mirrors = root && find(root)?.value;
  return mirrors && elements(mirrors).map((node) => String(node.value));
}

/** The text with the URL as first mirror, and without the ones that it replaces; all else stays as it is. */
export function addMirror(text: string, url: string, replaces: readonly string[]): string {
  const rest = dropMirrors(text, replaces);
  const first = daemonJsonMirrors(rest)?.[0];
  return first !== undefined && sameUrl(first, url) ? rest : insertFirst(dropMirrors(rest, [url]), url);
}

/** The text without some mirrors, and without the key when that leaves none. */
export function removeMirrors(text: string, urls: readonly string[]): string {
  const rest = dropMirrors(text, urls);
  return daemonJsonMirrors(rest)?.length === 0 ? dropKey(rest) : rest;
}

/** The text without some mirrors but with the key: dockerd forgets a mirror only when it reads a list without it. */
export function clearMirrors(text: string, urls: readonly string[]): string {
  const rest = dropMirrors(text, urls);
  const root = parseTree(rest);
  return root === undefined || find(root) !== undefined ? rest : appendKey(rest, root, `"${key}": []`);
}

interface Property {
  readonly name: string;
  readonly node: Node;
  readonly value: Node;
}

function properties(root: Node): Property[] {
  return (root.children ?? []).flatMap((node) => {
    const [name, value] = node.children ?? [];
    return name === undefined || value === undefined ? [] : [{ name: String(name.value), node, value }];
  });
}

function find(root: Node): Property | undefined {
  return properties(root).find(({ name }) => name === key);
}

function elements(list: Node): Node[] {
  return list.children ?? [];
}

function insertFirst(text: string, url: string): string {
  const root = parseTree(text);
  if (root === undefined) return text;
  const mirrors = find(root)?.value;
  if (mirrors === undefined) return appendKey(text, root, `"${key}": [${JSON.stringify(url)}]`);
  if (mirrors.type !== 'array') return splice(text, mirrors.offset, end(mirrors), `[${JSON.stringify(url)}]`);
  const [first, second] = elements(mirrors);
  if (first === undefined) return splice(text, mirrors.offset + 1, mirrors.offset + 1, JSON.stringify(url));
  const gap =
    second === undefined ? text.slice(mirrors.offset + 1, first.offset) || ' ' : between(text, first, second);
  return splice(text, first.offset, first.offset, `${JSON.stringify(url)},${gap}`);
}

/** Appends a property, set apart as the last one is. */
function appendKey(text: string, root: Node, property: string): string {
  const last = properties(root).at(-1)?.node;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (last === undefined) return splice(text, root.offset + 1, root.offset + 1, `${eol}  ${property}${eol}`);
  const gap = /\s*$/.exec(text.slice(0, last.offset))?.[0] ?? '';
  return splice(text, end(last), end(last), `,${gap}${property}`);
}

function dropMirrors(text: string, urls: readonly string[]): string {
  const root = parseTree(text);
  const list = root && find(root)?.value;
  const all = list ? elements(list) : [];
  const index = all.findLastIndex((node) => urls.some((url) => sameUrl(url, String(node.value))));
  return index === -1 ? text : dropMirrors(dropAt(text, all, index), urls);
}

function dropKey(text: string): string {
  const root = parseTree(text);
  const all = root ? properties(root).map(({ node }) => node) : [];
  const index = root ? properties(root).findIndex(({ name }) => name === key) : -1;
  return index === -1 ? text : dropAt(text, all, index);
}

/** The text without one node of a list, and without the comma and the space that set it apart. */
function dropAt(text: string, nodes: readonly Node[], index: number): string {
  const [before, node, after] = [nodes[index - 1], nodes[index], nodes[index + 1]];
  if (node === undefined) return text;
  if (after !== undefined) return splice(text, node.offset, after.offset, '');
  return splice(text, before === undefined ? node.offset : end(before), end(node), '');
}

function between(text: string, one: Node, other: Node): string {
  return text.slice(end(one), other.offset).replace(',', '');
}

function end(node: Node): number {
  return node.offset + node.length;
}

function splice(text: string, from: number, to: number, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}

/** The parser's message without the piece of text that some versions of V8 quote, which may hold a secret. */
function syntaxError(message: string): string {
  return message.replace(/, (\.\.\.)?".*$/s, '').replace(/^Unexpected token .*? in JSON/, 'unexpected token');
}
