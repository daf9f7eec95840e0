import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { decodeText, notText } from '../secret-values/value-text';

/** What the command touches outside itself. */
export interface CliIo {
  /** The folder that it is run in. */
  readonly folder: string;
  readonly now: Date;
  /** Whether a person sees what is written to `out`. */
  readonly outIsTerminal: boolean;
  /** The bytes of a file; `-` is standard input. */
  read(file: string): Uint8Array;
  /** Writes a file with its folder; fails when it is there, unless it may be replaced. */
  write(file: string, text: string, options: { readonly replace: boolean }): void;
  out(text: string): void;
  error(text: string): void;
}

/** Something is wrong with the data: exit code 1. */
export class CliFailure extends Error {
  override readonly name = 'CliFailure';

  constructor(readonly lines: readonly string[]) {
    super(lines.join('\n'));
  }
}

/** Something is wrong with the command line: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The reason of an error in one line. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n')[0] ?? text;
}

/** Whether a file was not written because it is there. */
export function isExistsError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/**
 * The text of a file.
 *
 * @throws UsageError when it cannot be read, CliFailure when it is no text
 */
export function readText(io: CliIo, file: string): string {
  const text = decodeText(readBytes(io, file));
  if (text === undefined) throw new CliFailure([`${file}: ${notText.problem}; ${notText.remedy}`]);
  return text;
}

export function readBytes(io: CliIo, file: string): Uint8Array {
  try {
    return io.read(file);
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reason(error)}`);
  }
}

/** The process that runs. */
export function processIo(): CliIo {
  return {
    folder: process.cwd(),
    now: new Date(),
    outIsTerminal: process.stdout.isTTY,
    read: (file) => readFileSync(file === '-' ? 0 : file),
    write: (file, text, { replace }) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text, { flag: replace ? 'w' : 'wx' });
    },
    out: (text) => process.stdout.write(text),
    error: (text) => process.stderr.write(text),
  };
}
