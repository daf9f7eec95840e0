// @ts-expect-error its types are published for ES modules only, though it can be required
import { parse } from 'smol-toml';

/** Integers beyond 2^53 are valid: containerd's configuration has them. */
const options = { integersAsBigInt: 'asNeeded' } as const;

/** A TOML text as plain values. */
export function parseToml(text: string): Readonly<Record<string, unknown>> {
  return parse(text, options);
}

/** Why a text is not TOML, with the line; undefined when it is. */
export function tomlProblem(text: string): string | undefined {
  try {
    parse(text, options);
    return undefined;
  } catch (error) {
    if (!(error instanceof Error)) return 'it is not TOML';
    const line = 'line' in error && typeof error.line === 'number' ? ` in line ${error.line}` : '';
    const [message = ''] = error.message.split('\n');
    return `it is not TOML${line}: ${message.replace(/^Invalid TOML document: /, '')}`;
  }
}

/** A value as a table; undefined when it is something else. */
export function tomlTable(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
    ? Object.fromEntries(Object.entries(value))
    : undefined;
}

/** The value at a path of keys; undefined where one of them is missing. */
export function tomlValue(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((at, key) => tomlTable(at)?.[key], value);
}
