/** A piece of a JSON text. */
export interface JsonSpan {
  readonly from: number;
  /** Offset behind its last character. */
  readonly to: number;
}

export interface JsonProperty extends JsonSpan {
  readonly name: string;
  readonly value: JsonSpan;
}

/** Where the properties of the object stand that a valid JSON text holds from `offset` on, with their names. */
export function jsonProperties(text: string, offset: number): JsonProperty[] {
  const properties: JsonProperty[] = [];
  let at = skipSpace(text, offset + 1);
  while (text[at] !== '}') {
    const nameEnd = stringEnd(text, at);
    const from = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const to = valueEnd(text, from);
    properties.push({ name: String(JSON.parse(text.slice(at, nameEnd))), from: at, to, value: { from, to } });
    at = afterComma(text, to);
  }
  return properties;
}

/** Where the elements of the array stand that a valid JSON text holds from `offset` on. */
export function jsonElements(text: string, offset: number): JsonSpan[] {
  const elements: JsonSpan[] = [];
  let at = skipSpace(text, offset + 1);
  while (text[at] !== ']') {
    const to = valueEnd(text, at);
    elements.push({ from: at, to });
    at = afterComma(text, to);
  }
  return elements;
}

/** Offset of the first character that is not space. */
export function skipSpace(text: string, from: number): number {
  let at = from;
  while (' \t\r\n'.includes(text[at] ?? 'end')) at += 1;
  return at;
}

function afterComma(text: string, from: number): number {
  const at = skipSpace(text, from);
  return text[at] === ',' ? skipSpace(text, at + 1) : at;
}

function stringEnd(text: string, from: number): number {
  let at = from + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function valueEnd(text: string, from: number): number {
  if (text[from] === '"') return stringEnd(text, from);
  let depth = 0;
  let at = from;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (char === '"') at = stringEnd(text, at) - 1;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && ', \t\r\n'.includes(char)) return at;
    at += 1;
  }
  return at;
}
