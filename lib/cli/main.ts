import { processIo } from './cli-io';
import { runCli } from './cli';
import type { RunningLibrary } from './clusters/load-cluster';

/** Runs the command of this process; the exit code. */
export function main(library: RunningLibrary): Promise<number> {
  return runCli(process.argv.slice(2), processIo(), library);
}
