import type { ProbeResult } from '../probe/probe-result';

/** Where a mirror stands between the first question and its use by the node. */
export interface MirrorState {
  readonly phase: 'probing' | 'applied' | 'withdrawn';
  /** Good answers in a row. */
  readonly successes: number;
  /** Bad answers in a row. */
  readonly failures: number;
}

export interface Transition {
  readonly state: MirrorState;
  readonly action: 'none' | 'apply' | 'withdraw';
  /** Time until the next question, in milliseconds. */
  readonly delayMs: number;
}

export const initialState: MirrorState = { phase: 'probing', successes: 0, failures: 0 };

/** Good answers before a mirror is used for the first time. */
export const successesToApply = 3;
/** Good answers before a withdrawn mirror is used again: more, because it has failed before. */
export const successesToReturn = 5;
/** Bad answers before a mirror is withdrawn. */
export const failuresToWithdraw = 3;
/** Time between questions while a mirror comes or goes, in milliseconds. */
export const hurriedDelayMs = 5_000;
/** Time between the first questions, in milliseconds. */
export const firstDelayMs = 100;

/**
 * What follows from an answer. With the default interval of 30 s, a mirror that dies is withdrawn within
 * 1.5 × 30 s + 2 × 5 s and three time-outs of 2 s, 61 s in all.
 */
export function transition(state: MirrorState, result: ProbeResult, regularDelayMs: number): Transition {
  if (result.kind === 'ok') return afterSuccess(state, regularDelayMs);
  const failures = state.failures + 1;
  const next: MirrorState = { ...state, successes: 0, failures };
  switch (state.phase) {
    case 'probing':
      return { state: next, action: 'none', delayMs: hurriedDelayMs };
    case 'withdrawn':
      return { state: next, action: 'none', delayMs: regularDelayMs };
    case 'applied':
      return result.kind === 'wrong' || failures >= failuresToWithdraw
        ? { state: { ...next, phase: 'withdrawn' }, action: 'withdraw', delayMs: hurriedDelayMs }
        : { state: next, action: 'none', delayMs: hurriedDelayMs };
  }
}

function afterSuccess(state: MirrorState, regularDelayMs: number): Transition {
  const successes = state.successes + 1;
  const next: MirrorState = { ...state, successes, failures: 0 };
  // A mirror in use is written again each time: a file that somebody changed gets its entry back.
  if (state.phase === 'applied') return { state: next, action: 'apply', delayMs: regularDelayMs };
  if (successes >= (state.phase === 'probing' ? successesToApply : successesToReturn)) {
    return { state: { ...next, phase: 'applied' }, action: 'apply', delayMs: regularDelayMs };
  }
  return { state: next, action: 'none', delayMs: state.phase === 'probing' ? firstDelayMs : hurriedDelayMs };
}
