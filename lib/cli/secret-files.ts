import type { AuthSecret } from '../auth-secret';
import type { Cluster } from '../cluster';
import { type ClusterSecret, clusterSecrets } from '../cluster-secrets';
import { findingLine } from '../secret-values/secret-check';
import { secretKinds } from '../secret-values/secret-kinds';
import { decodeText, notText } from '../secret-values/value-text';
import { CliFailure, type CliIo, readBytes, UsageError } from './cli-io';
import type { FilledSecret } from './secret-manifests';

/** A file that holds one value of a Secret. */
export interface ValueFile {
  readonly secret: string;
  readonly value: string;
  readonly file: string;
}

/** Reads `SECRET.VALUE=FILE`. */
export function valueFile(text: string): ValueFile | undefined {
  const [, secret, value, file] = /^([^=]+)\.([^=.]+)=(.+)$/.exec(text) ?? [];
  return secret === undefined || value === undefined || file === undefined
    ? undefined
    : { secret, value, file };
}

function kindOf(kind: AuthSecret['kind']) {
  const name = kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  const found = secretKinds.get(name);
  if (found === undefined) throw new Error(`no check is known for Secrets of kind ${kind}`);
  return found;
}

/** Every `SECRET.VALUE` that a cluster reads. */
export function wantedValues(cluster: Cluster): readonly string[] {
  const all = clusterSecrets(cluster).flatMap(({ secret }) =>
    kindOf(secret.kind).values.map((value) => `${secret.name}.${value}`),
  );
  return [...new Set(all)];
}

function filled(
  io: CliIo,
  { namespace, secret }: ClusterSecret,
  files: readonly ValueFile[],
  host: string | undefined,
): {
  readonly secret: FilledSecret;
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
} {
  const kind = kindOf(secret.kind);
  const given = kind.values.map((value) => {
    const file = files.find((one) => one.secret === secret.name && one.value === value)?.file ?? '';
    return { value, file, text: decodeText(readBytes(io, file)) };
  });
  const unreadable = given.filter(({ text }) => text === undefined);
  const { problems, warnings } = kind.check(
    given.map(({ text }) => text ?? ''),
    host === undefined ? { now: io.now } : { now: io.now, host },
  );
  const fileOf = (value: string) => given.find((one) => one.value === value)?.file ?? value;
  const keys: Readonly<Record<string, string>> = secret.keys;
  return {
    secret: {
      namespace,
      name: secret.name,
      values: Object.fromEntries(given.map(({ value, text }) => [keys[value] ?? value, text ?? ''])),
    },
    lines:
      unreadable.length > 0
        ? unreadable.map(({ file }) => `${file}: ${notText.problem}; ${notText.remedy}`)
        : problems.map((problem) => findingLine(fileOf(problem.value), problem)),
    warnings: warnings.map((warning) => findingLine(fileOf(warning.value), warning)),
  };
}

/**
 * The Secrets of a cluster whose values were given as files, checked.
 *
 * @throws UsageError for files that no Secret reads and values without a file, CliFailure for bad values
 */
export function secretsFromFiles(io: CliIo, cluster: Cluster, files: readonly ValueFile[]) {
  const wanted = wantedValues(cluster);
  if (wanted.length === 0) throw new UsageError(`${cluster.name} reads no Secret`);
  if (files.length === 0) {
    throw new UsageError(
      `no value was given; ${cluster.name} reads ${wanted.join(', ')}: --file SECRET.VALUE=FILE`,
    );
  }
  const names = files.map(({ secret, value }) => `${secret}.${value}`);
  const unknown = names.filter((name) => !wanted.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(
      `${cluster.name} does not read ${unknown.join(', ')}; it reads ${wanted.join(', ')}`,
    );
  }
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new UsageError(`${twice.join(', ')} is given twice`);
  const begun = clusterSecrets(cluster).filter(({ secret }) =>
    files.some((file) => file.secret === secret.name && kindOf(secret.kind).values.includes(file.value)),
  );
  const missing = begun
    .flatMap(({ secret }) => kindOf(secret.kind).values.map((value) => `${secret.name}.${value}`))
    .filter((name) => !names.includes(name));
  if (missing.length > 0)
    throw new UsageError(`the values of one Secret come together; give ${missing.join(', ')} too`);
  const endpoint = cluster.nodes?.endpoint;
  const host = endpoint?.type === 'host' ? endpoint.host : undefined;
  const results = begun.map((secret) => filled(io, secret, files, host));
  const lines = results.flatMap((result) => result.lines);
  if (lines.length > 0) throw new CliFailure([...new Set(lines)]);
  return {
    secrets: results.map(({ secret }) => secret),
    warnings: [...new Set(results.flatMap(({ warnings }) => warnings))],
    left: wanted.filter((name) => !names.includes(name)),
  };
}
