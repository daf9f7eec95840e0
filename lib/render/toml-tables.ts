import { parseToml } from './toml';

/** A table header of a TOML text. */
export interface TomlTable {
  /** Offset of the line that it stands on. */
  readonly offset: number;
  /** Its keys: `[host."http://a".header]` is `host`, `http://a`, `header`. */
  readonly path: readonly string[];
}

/** Where the tables of a valid TOML text begin, in order; brackets in strings, arrays and comments are none. */
export function tomlTables(text: string): TomlTable[] {
  const tables: TomlTable[] = [];
  let at = 0;
  while (at < text.length) {
    const start = skipBlank(text, at);
    const end = endOfStatement(text, start);
    if (text[start] === '[') {
      // A comment behind the header must not end in the first half of a CRLF: no control character may stand in it.
      const header = text.slice(start, end).trimEnd();
      tables.push({ offset: text.lastIndexOf('\n', start) + 1, path: headerPath(header) });
    }
    at = end + 1;
  }
  return tables;
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (/\s/.test(text[at] ?? '')) at += 1;
  return at;
}

/** Offset of the line end, or of the text's, that ends the statement beginning at `from`. */
function endOfStatement(text: string, from: number): number {
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at];
    if (char === '\n' && depth <= 0) return at;
    if (char === '#') at = lineEnd(text, at);
    else if (char === '"' || char === "'") at = stringEnd(text, at, char);
    else {
      if (char === '[' || char === '{') depth += 1;
      if (char === ']' || char === '}') depth -= 1;
      at += 1;
    }
  }
  return at;
}

function lineEnd(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end === -1 ? text.length : end;
}

/** Offset behind the string that begins at `from`. */
function stringEnd(text: string, from: number, quote: string): number {
  const long = text.startsWith(quote.repeat(3), from);
  const close = long ? quote.repeat(3) : quote;
  let at = from + close.length;
  while (at < text.length && !text.startsWith(close, at)) at += text[at] === '\\' && quote === '"' ? 2 : 1;
  at += close.length;
  // A long string may end in quotes of its own: """a"""".
  while (long && text[at] === quote) at += 1;
  return at;
}

function headerPath(header: string): string[] {
  const path: string[] = [];
  let table: unknown = parseToml(header);
  for (;;) {
    if (Array.isArray(table)) table = table[0];
    const [entry] = typeof table === 'object' && table !== null ? Object.entries(table) : [];
    if (entry === undefined) return path;
    path.push(entry[0]);
    table = entry[1];
  }
}
