import { ourMark } from './hosts-toml';
import { parseToml, tomlProblem, tomlTable } from './toml';

export interface RegistriesConfMirror {
  /** Registry that image references name. */
  readonly host: string;
  readonly url: string;
}

/** The drop-in below `registries.conf.d` of a mirror; a location has no scheme. */
export function registriesConf({ host, url }: RegistriesConfMirror): string {
  const { protocol } = new URL(url);
  return [
    ourMark,
    '[[registry]]',
    `prefix = ${JSON.stringify(host)}`,
    `location = ${JSON.stringify(host)}`,
    '',
    '[[registry.mirror]]',
    `location = ${JSON.stringify(url.slice(protocol.length + 2))}`,
    ...(protocol === 'http:' ? ['insecure = true'] : []),
    '',
  ].join('\n');
}

/** What a `registries.conf` says of registries, or why it cannot be understood. */
export type RegistriesConf = { readonly prefixes: readonly string[] } | { readonly problem: string };

/** Reads the prefixes that have a table of their own in a `registries.conf` or a drop-in. */
export function readRegistriesConf(text: string): RegistriesConf {
  const problem = tomlProblem(text);
  if (problem !== undefined) return { problem };
  const { registry, registries } = parseToml(text);
  if (registries !== undefined) return { problem: 'it is written in the old format, version 1' };
  return { prefixes: Array.isArray(registry) ? registry.flatMap(prefix) : [] };
}

/** A table without a prefix has that of its location. */
function prefix(table: unknown): string[] {
  const { prefix, location } = tomlTable(table) ?? {};
  const name = prefix === undefined || prefix === '' ? location : prefix;
  return typeof name === 'string' ? [name] : [];
}
