import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { findingLine } from '../lib/secret-values/secret-check';
import { secretKinds, type SecretKind } from '../lib/secret-values/secret-kinds';
import { decodeText, notText } from '../lib/secret-values/value-text';

/** What the command touches outside itself. */
export interface CheckSecretIo {
  readonly now: Date;
  /** The bytes of a file; `-` is standard input. */
  readonly read: (file: string) => Uint8Array;
  readonly out: (line: string) => void;
  readonly error: (line: string) => void;
}

const kindLines = [...secretKinds].map(([name, { about, values }]) => {
  const files = values.map((value) => `${value.toUpperCase()}_FILE`).join(' ');
  return `  ${`${name} ${files}`.padEnd(44)} ${about}`;
});

const help = `Checks the values of a Secret before they reach a cluster; prints no value.

usage: npm run check:secret -- KIND FILE… [--host HOST]

${kindLines.join('\n')}

A FILE of - is standard input. --host NAME: the name that a tls certificate must be for.
Exit code: 0 the values are good (there may be warnings), 1 they are not, 2 the command is wrong.

examples:
  npm run check:secret -- htpasswd ./htpasswd
  npm run check:secret -- tls tls.crt tls.key --host cache.example.com
  az storage account keys list --account-name ACCOUNT --query [0].value -o tsv | tr -d '\\n' |
    npm run check:secret -- azure-account-key -`;

class UsageError extends Error {}

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { help: { type: 'boolean', short: 'h' }, host: { type: 'string' } },
    });
    return { ...values, positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function kindOf(name: string | undefined, files: readonly string[], host?: string): SecretKind {
  const kinds = [...secretKinds.keys()].join(', ');
  if (name === undefined) throw new UsageError(`no kind was given; one of ${kinds}`);
  const kind = secretKinds.get(name);
  if (!kind) throw new UsageError(`there is no kind ${JSON.stringify(name)}; one of ${kinds}`);
  if (files.length !== kind.values.length) {
    const wanted = kind.values.join(', then ');
    throw new UsageError(
      `${name} takes ${kind.values.length} file(s): ${wanted} (there are ${files.length})`,
    );
  }
  if (host !== undefined && name !== 'tls') throw new UsageError('--host is for tls alone');
  if (files.filter((file) => file === '-').length > 1)
    throw new UsageError('only one file can be standard input');
  return kind;
}

function readAll(files: readonly string[], { read }: CheckSecretIo): readonly Uint8Array[] {
  return files.map((file) => {
    try {
      return read(file);
    } catch (error) {
      throw new UsageError(
        `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  });
}

function check(args: readonly string[], io: CheckSecretIo): number {
  const { help: wantsHelp, host, positionals } = parse(args);
  if (wantsHelp) {
    io.out(help);
    return 0;
  }
  const [name, ...files] = positionals;
  const kind = kindOf(name, files, host);
  const texts = readAll(files, io).map(decodeText);
  const unreadable = files.filter((_, index) => texts[index] === undefined);
  for (const file of unreadable) io.error(`${file}: ${notText.problem}; ${notText.remedy}`);
  if (unreadable.length > 0) return 1;

  const { problems, warnings } = kind.check(
    texts.map((text) => text ?? ''),
    host === undefined ? { now: io.now } : { now: io.now, host },
  );
  const fileOf = (value: string) => {
    const file = files[kind.values.indexOf(value)] ?? value;
    return file === '-' ? 'standard input' : file;
  };
  for (const problem of problems) io.error(findingLine(fileOf(problem.value), problem));
  for (const warning of warnings) io.error(`warning: ${findingLine(fileOf(warning.value), warning)}`);
  if (problems.length > 0) return 1;
  io.out(`${name}: no problem found`);
  return 0;
}

/** Runs the command; its exit code. */
export function checkSecret(args: readonly string[], io: CheckSecretIo): number {
  try {
    return check(args, io);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    io.error(`${error.message}\nsee npm run check:secret -- --help`);
    return 2;
  }
}

if (require.main === module) {
  process.exitCode = checkSecret(process.argv.slice(2), {
    now: new Date(),
    read: (file) => readFileSync(file === '-' ? 0 : file),
    out: console.log,
    error: console.error,
  });
}
