import { join, resolve } from 'node:path';
import { runCli } from '../../lib/cli/cli';
import type { CliIo } from '../../lib/cli/cli-io';

/** What a run of the command did. */
export interface CliRun {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** The files that it wrote, by their path below the folder. */
  readonly written: Readonly<Record<string, string>>;
}

export interface CliRunOptions {
  /** Files that it finds below the folder; `-` is standard input. @default {} */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** @default a folder that is not there */
  readonly folder?: string;
  /** @default false */
  readonly outIsTerminal?: boolean;
}

const root = resolve(__dirname, '../..');

/** Runs the command in this process, on files in memory. */
export async function cli(args: readonly string[], options: CliRunOptions = {}): Promise<CliRun> {
  const { files = {}, folder = '/nowhere/project', outIsTerminal = false } = options;
  const written: Record<string, string> = {};
  let out = '';
  let error = '';
  const io: CliIo = {
    folder,
    now: new Date(),
    outIsTerminal,
    read: (file) => {
      const content = files[file];
      if (content === undefined) throw new Error(`ENOENT: no such file or directory, open '${file}'`);
      return Buffer.from(content);
    },
    write: (file, text, { replace }) => {
      const path = file.replace(join(folder, '/'), '');
      if (path in files && !replace) throw Object.assign(new Error('it is there'), { code: 'EEXIST' });
      written[path] = text;
    },
    out: (text) => (out += text),
    error: (text) => (error += text),
  };
  const code = await runCli(args, io, { root, file: join(root, 'lib/index.ts') });
  return { code, out, error, written };
}
