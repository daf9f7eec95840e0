import { Command, CommanderError } from 'commander';
import { ClusterFileError } from './clusters/cluster-files';
import type { RunningLibrary } from './clusters/load-cluster';
import { CliFailure, type CliIo, reason, UsageError } from './cli-io';
import { importCommand } from './commands/import';
import { secretCommand } from './commands/secret';
import { synthCommand } from './commands/synth';

const examples = `
Examples:
  docker-cache import config.yaml --layout layout.yaml
  docker-cache secret config.yaml | kubectl apply -f -
  docker-cache synth openpai && kubectl apply --server-side -f dist/openpai.k8s.yaml

Exit code: 0 done, 1 something is wrong with the data, 2 with the command line.
With --json problems of the data are JSON on standard output too.`;

/** Commander prints nothing by itself and ends no process. */
function quiet(command: Command, io: CliIo): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: (text) => io.out(text), writeErr: () => undefined })
    .showSuggestionAfterError(true);
}

function program(io: CliIo, library: RunningLibrary): Command {
  const root = quiet(new Command('docker-cache'), io)
    .description('A pull-through image cache for a Kubernetes cluster, and every node pointed at it.')
    .addHelpText('after', examples);
  for (const command of [importCommand(io, library), secretCommand(io, library), synthCommand(io, library)]) {
    root.addCommand(quiet(command, io));
  }
  return root;
}

function usageFailure(io: CliIo, message: string): number {
  io.error(`${message.replace(/^error: /, '')}\nsee docker-cache --help\n`);
  return 2;
}

/** Runs the command line, without the names of program and script; the exit code. */
export async function runCli(args: readonly string[], io: CliIo, library: RunningLibrary): Promise<number> {
  if (args.length === 0) return usageFailure(io, 'no command was given; one of import, secret, synth');
  try {
    await program(io, library).parseAsync([...args], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) {
      return error.exitCode === 0 ? 0 : usageFailure(io, error.message);
    }
    if (error instanceof UsageError) return usageFailure(io, error.message);
    if (error instanceof CliFailure && args.includes('--json')) {
      io.out(`${JSON.stringify({ problems: error.lines }, undefined, 2)}\n`);
      return 1;
    }
    const isTold = error instanceof CliFailure || error instanceof ClusterFileError;
    io.error(`${isTold ? error.message : `docker-cache: ${reason(error)}`}\n`);
    return 1;
  }
}
