import { readFileSync } from 'node:fs';
import { parseCommandLine, usage, UsageError } from './cli';
import { InvalidConfigError, parseAgentConfig } from './config';
import { errorCode } from './disk/file-system';
import { nodeFileSystem } from './disk/node-file-system';
import { systemClock } from './engine/clock';
import { Refusal } from './refusal';
import { runCommand } from './run-command';

/** The lines of an error that an administrator can do something about; a bug keeps its stack. */
function linesOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the agent failed';
  if (error instanceof UsageError) return `${error.message}\n\n${usage}`;
  if (error instanceof InvalidConfigError) return error.problems.join('\n');
  const expected = error instanceof Refusal || errorCode(error) !== undefined;
  return expected ? error.message : (error.stack ?? error.message);
}

async function main(args: readonly string[]): Promise<number> {
  try {
    const { command, configFile, hostRoot } = parseCommandLine(args);
    const config = parseAgentConfig(readFileSync(configFile, 'utf8'), process.env);
    const stop = new AbortController();
    for (const name of ['SIGTERM', 'SIGINT'] as const) {
      process.once(name, () => {
        stop.abort();
      });
    }
    return await runCommand(command, {
      config,
      hostRoot,
      fs: nodeFileSystem,
      clock: systemClock,
      random: Math.random,
      hangUp: (pid) => {
        process.kill(pid, 'SIGHUP');
      },
      log: (line) => {
        process.stderr.write(`${new Date().toISOString()} ${line}\n`);
      },
      print: (text) => {
        process.stdout.write(text);
      },
      stop: stop.signal,
    });
  } catch (error) {
    process.stderr.write(`${linesOf(error)}\n`);
    return error instanceof UsageError || error instanceof InvalidConfigError ? 2 : 1;
  }
}

void main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
