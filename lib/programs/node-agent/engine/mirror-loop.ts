import type { ResolvedMirror } from '../mirror';
import type { ProbeResult } from '../probe/probe-result';
import { Refusal } from '../refusal';
import { DaemonSilence } from '../runtimes/runtime';
import type { Clock } from './clock';
import { initialState, transition, type MirrorState, type Transition } from './mirror-state';
import type { Node } from './node';
import type { StatusBoard } from './status-board';

/** Asks one mirror. */
export interface MirrorProber {
  probe(mirror: ResolvedMirror, inUse: boolean): Promise<ProbeResult>;
}

export interface MirrorLoopOptions {
  readonly host: string;
  readonly node: Node;
  readonly board: StatusBoard;
  readonly prober: MirrorProber;
  readonly clock: Clock;
  /** A number from 0 to 1. */
  readonly random: () => number;
  readonly intervalMs: number;
  /** The mirror as it is now: its authority and its login may change. */
  readonly resolve: () => ResolvedMirror;
}

/** How long a daemon may be silent before the agent ends, so that its socket is mounted anew, in milliseconds. */
export const silenceMs = 60_000;

/** A daemon whose socket stayed dead. */
export class DaemonLost extends Error {
  override readonly name = 'DaemonLost';
}

/** One mirror's way between the first question and its use. */
export class MirrorLoop {
  private state: MirrorState = initialState;
  private silentSince: number | undefined;
  /** When the next question is due at the latest, in milliseconds since 1970. */
  dueAt: number;

  constructor(private readonly options: MirrorLoopOptions) {
    this.dueAt = options.clock.now();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.options;
    while (!signal.aborted) {
      const delayMs = await this.step();
      this.dueAt = clock.now() + delayMs;
      await clock.sleep(delayMs, signal);
    }
  }

  /** One question and what follows from it; the time until the next, in milliseconds. */
  async step(): Promise<number> {
    const { board, host, intervalMs, random, clock, node } = this.options;
    const regularDelayMs = intervalMs * (0.5 + random());
    try {
      const delayMs = await this.ask(regularDelayMs);
      if (board.stateOf(host) !== 'refused') await node.keepAlive();
      this.silentSince = undefined;
      return delayMs;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      board.refuse(host, error);
      if (!(error instanceof DaemonSilence)) return regularDelayMs;
      this.silentSince ??= clock.now();
      if (clock.now() - this.silentSince >= silenceMs) throw new DaemonLost(error.reason);
      return Math.min(regularDelayMs, silenceMs / 4);
    }
  }

  private async ask(regularDelayMs: number): Promise<number> {
    const { board, host, prober, resolve, node } = this.options;
    const mirror = resolve();
    const inUse = this.state.phase === 'applied';
    if (!inUse && !(await this.isWanted(mirror))) return regularDelayMs;
    if (board.stateOf(host) === 'unmanaged') board.set(host, 'probing');
    const result = await prober.probe(mirror, inUse);
    board.probed(host, result);
    const next = transition(this.state, result, regularDelayMs);
    // Counted now, and moved on only when the node has followed.
    this.state = { ...next.state, phase: this.state.phase };
    await this.follow(mirror, next, result);
    this.state = next.state;
    board.wrote(host, [], node.recorded(host));
    return next.delayMs;
  }

  /** Whether the node has the runtime, and nothing stands in the way; asked before the mirror is. */
  private async isWanted(mirror: ResolvedMirror): Promise<boolean> {
    const { node, board, host } = this.options;
    const detection = await node.detect([mirror]);
    if (detection.state === 'notApplicable') {
      this.state = initialState;
      board.set(host, 'notApplicable', { reason: detection.reason });
      return false;
    }
    for (const files of detection.mirrors) {
      if ('refusal' in files) throw files.refusal;
      node.changes(files);
    }
    if (board.stateOf(host) === 'refused' || board.stateOf(host) === 'notApplicable') {
      board.set(host, this.state.phase === 'withdrawn' ? 'withdrawn' : 'probing');
    }
    return true;
  }

  private async follow(mirror: ResolvedMirror, { action }: Transition, result: ProbeResult): Promise<void> {
    const { node, board, host } = this.options;
    if (action === 'none') return;
    if (action === 'withdraw') {
      await node.withdraw(host);
      board.withdrew(host);
      board.set(host, 'withdrawn', { reason: result.kind === 'ok' ? '' : result.detail });
      return;
    }
    const outcome = await node.apply(mirror);
    if (outcome.state === 'notApplicable') {
      board.set(host, 'notApplicable', { reason: outcome.reason });
      return;
    }
    const { unverified } = outcome;
    board.wrote(host, outcome.written, node.recorded(host));
    board.set(host, 'applied', unverified === undefined ? {} : { unverified });
  }
}
