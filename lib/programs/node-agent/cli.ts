import { parseArgs } from 'node:util';

/** What the agent is started to do. */
export const commands = ['run', 'plan', 'apply', 'restore', 'status'] as const;
export type Command = (typeof commands)[number];

export interface CommandLine {
  readonly command: Command;
  readonly configFile: string;
  /** Folder where the node's folders are mounted at their own paths. */
  readonly hostRoot: string;
}

/** A command line that is not understood. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const usage = `usage: node-agent.mjs COMMAND --config FILE [--host-root DIR]

  run      does what "mode" of FILE says and stays, as its DaemonSet does
  plan     prints what apply would change, and changes nothing
  apply    puts the mirrors in use, and stays: one that fails is withdrawn
  restore  brings the node back to what it was
  status   prints what is in use, and changes nothing

  --config FILE    the configuration, JSON
  --host-root DIR  folder where the node's folders are mounted at their own paths; / on the node itself
                   (default /host)

Environment: HOST_IP is the address of this node, for endpoints of type nodePort.
Exit status: 0 done, 1 refused or failed, 2 not understood.
`;

/** Reads the command line. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parsed(args);
  const [name, ...others] = positionals;
  const command = commands.find((known) => known === name);
  if (command === undefined || others.length > 0) {
    throw new UsageError(
      `the command must be one of ${commands.join(', ')} (was ${JSON.stringify(positionals.join(' '))})`,
    );
  }
  if (values.config === undefined) throw new UsageError('--config is missing; name the configuration file');
  return { command, configFile: values.config, hostRoot: values['host-root'] };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { config: { type: 'string' }, 'host-root': { type: 'string', default: '/host' } },
    });
  } catch (error) {
    throw new UsageError(String(error).replace(/^TypeError[^:]*: /, ''));
  }
}
