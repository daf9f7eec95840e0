import type { Command } from './cli';
import { composeAgent, type ComposedAgent, type Outside } from './compose';
import type { AgentMode } from './config';
import { DaemonLost, silenceMs } from './engine/mirror-loop';
import { startStatusServer } from './engine/server';
import { isReady } from './engine/status';
import { DaemonSilence } from './runtimes/runtime';

export interface CommandEnvironment extends Outside {
  /** Takes what a command was asked to show. */
  readonly print: (text: string) => void;
  /** Ends a command that stays. */
  readonly stop: AbortSignal;
}

/** How much later than planned a question may come before the agent counts as stuck, in milliseconds. */
const latenessMs = 120_000;
/** Time until a refused plan or restore is tried again, in milliseconds. */
const retryMs = 15_000;

/** Does what the command says; the exit status. */
export async function runCommand(command: Command, env: CommandEnvironment): Promise<number> {
  const mode = command === 'run' || command === 'status' ? env.config.mode : command;
  const composed = composeAgent({ ...env, config: { ...env.config, mode } });
  const { agent, board, redactor } = composed;
  const print = (text: string) => {
    env.print(redactor.redact(text));
  };
  switch (command) {
    case 'plan':
      print(await agent.plan());
      return isReady(board.status) ? 0 : 1;
    case 'restore':
      await agent.restore();
      return isReady(board.status) ? 0 : 1;
    case 'status':
      await agent.look();
      print(`${JSON.stringify(board.status, undefined, 2)}\n`);
      return board.status.mirrors.some(({ state }) => state === 'refused') ? 1 : 0;
    case 'apply':
    case 'run':
      return stay(mode, composed, env);
  }
}

/** Works and serves what is known, until the signal. What was applied stays then. */
async function stay(mode: AgentMode, composed: ComposedAgent, env: CommandEnvironment): Promise<number> {
  const { agent, board } = composed;
  const { clock, stop, log } = env;
  const { address, port } = env.config.listen ?? { port: 8080 };
  const isAlive = () =>
    mode !== 'apply' || agent.loops.every(({ dueAt }) => clock.now() < dueAt + latenessMs);
  const server = await startStatusServer({ board, isAlive, port, ...(address !== undefined && { address }) });
  try {
    if (mode === 'apply') await agent.apply(stop);
    else await once(mode, composed, env);
    return 0;
  } catch (error) {
    if (!(error instanceof DaemonLost)) throw error;
    log(`${error.message}; the agent ends, so that its socket is mounted anew`);
    return 1;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** Plans or restores, again while the node is refused, and then waits for the signal. */
async function once(
  mode: 'plan' | 'restore',
  composed: ComposedAgent,
  env: CommandEnvironment,
): Promise<void> {
  const { agent, board, redactor } = composed;
  const { clock, stop, print } = env;
  let printed = '';
  let silentSince: number | undefined;
  while (!stop.aborted && !isReady(board.status)) {
    if (mode === 'plan') {
      const text = redactor.redact(await agent.plan());
      if (text !== printed) print(text);
      printed = text;
    } else {
      const refusal = await agent.restore();
      silentSince = refusal instanceof DaemonSilence ? (silentSince ?? clock.now()) : undefined;
      if (silentSince !== undefined && clock.now() - silentSince >= silenceMs)
        throw new DaemonLost(refusal?.reason);
    }
    if (!isReady(board.status)) await clock.sleep(retryMs, stop);
  }
  if (!stop.aborted) await new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }));
}
