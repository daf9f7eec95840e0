import { sameUrl } from './hosts-toml';
import { jsonElements, jsonProperties, skipSpace, type JsonProperty, type JsonSpan } from './json-spans';

const key = 'registry-mirrors';

/** Why dockerd would not start with the text; undefined when it is a `daemon.json` that can be edited. */
export function daemonJsonProblem(text: string): string | undefined {
  const value = parsed(text);
  if (value === undefined) return 'it is not JSON';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'it is not a JSON object';
  const names = properties(text).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return `${JSON.stringify(twice)} stands in it twice`;
  const misspelt = names.find((name) => name !== key && name.toLowerCase() === key);
  if (misspelt !== undefined) return `${JSON.stringify(misspelt)} is not a key of dockerd`;
  const mirrors = mirrorsOf(text);
  if (mirrors === undefined || mirrors === null) return undefined;
  const isList = Array.isArray(mirrors) && mirrors.every((url) => typeof url === 'string');
  return isList ? undefined : `"${key}" is not a list of URLs`;
}

/** The mirrors of a valid `daemon.json`; undefined when the key is not in it. */
export function daemonJsonMirrors(text: string): string[] | undefined {
  const mirrors = mirrorsOf(text);
  if (mirrors === undefined) return undefined;
  return Array.isArray(mirrors) ? mirrors.map(String) : [];
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
  if (daemonJsonMirrors(rest)?.length !== 0) return rest;
  const all = properties(rest);
  return dropAt(
    rest,
    all,
    all.findIndex(({ name }) => name === key),
  );
}

/** The text without some mirrors but with the key: dockerd forgets a mirror only when it reads a list without it. */
export function clearMirrors(text: string, urls: readonly string[]): string {
  const rest = dropMirrors(text, urls);
  return property(rest) === undefined ? appendKey(rest, `"${key}": []`) : rest;
}

/** Undefined when the text is not JSON: no JSON text has that value. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function properties(text: string): JsonProperty[] {
  return jsonProperties(text, skipSpace(text, 0));
}

function property(text: string): JsonProperty | undefined {
  return properties(text).find(({ name }) => name === key);
}

function mirrorsOf(text: string): unknown {
  const value = property(text)?.value;
  return value && JSON.parse(text.slice(value.from, value.to));
}

function insertFirst(text: string, url: string): string {
  const value = property(text)?.value;
  const quoted = JSON.stringify(url);
  if (value === undefined) return appendKey(text, `"${key}": [${quoted}]`);
  // null counts as no list.
  if (text[value.from] !== '[') return splice(text, value, `[${quoted}]`);
  const [first, second] = jsonElements(text, value.from);
  const inside = value.from + 1;
  if (first === undefined) return splice(text, { from: inside, to: inside }, quoted);
  const gap = second === undefined ? text.slice(inside, first.from) || ' ' : between(text, first, second);
  return splice(text, { from: first.from, to: first.from }, `${quoted},${gap}`);
}

/** Appends a property, set apart as the last one is. */
function appendKey(text: string, added: string): string {
  const last = properties(text).at(-1);
  const open = skipSpace(text, 0) + 1;
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  if (last === undefined) return splice(text, { from: open, to: open }, `${eol}  ${added}${eol}`);
  const gap = /\s*$/.exec(text.slice(0, last.from))?.[0] ?? '';
  return splice(text, { from: last.to, to: last.to }, `,${gap}${added}`);
}

function dropMirrors(text: string, urls: readonly string[]): string {
  const value = property(text)?.value;
  if (value === undefined || text[value.from] !== '[') return text;
  const all = jsonElements(text, value.from);
  const index = all.findLastIndex(({ from, to }) =>
    urls.some((url) => sameUrl(url, String(JSON.parse(text.slice(from, to))))),
  );
  return index === -1 ? text : dropMirrors(dropAt(text, all, index), urls);
}

/** The text without one item of a list, and without the comma and the space that set it apart. */
function dropAt(text: string, items: readonly JsonSpan[], index: number): string {
  const [before, item, after] = [items[index - 1], items[index], items[index + 1]];
  if (item === undefined) return text;
  if (after !== undefined) return splice(text, { from: item.from, to: after.from }, '');
  return splice(text, { from: before?.to ?? item.from, to: item.to }, '');
}

function between(text: string, one: JsonSpan, other: JsonSpan): string {
  return text.slice(one.to, other.from).replace(',', '');
}

function splice(text: string, { from, to }: JsonSpan, insert: string): string {
  return text.slice(0, from) + insert + text.slice(to);
}
