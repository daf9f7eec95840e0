import { Failure } from './failure';

export interface RetryContext {
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly log: (line: string) => void;
}

const firstDelayMs = 1_000;
const longestDelayMs = 30_000;

/**
 * Attempts something until it succeeds, or fails in a way that will not pass, or the most patient of its failures
 * has run out of time.
 */
export async function retry<Result>(
  attempt: () => Promise<Result>,
  { now, sleep, log }: RetryContext,
): Promise<Result> {
  const start = now();
  let patienceMs = 0;
  let backoffMs = firstDelayMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Failure) || error.patienceMs === 0) throw error;
      patienceMs = Math.max(patienceMs, error.patienceMs);
      const delayMs = Math.max(backoffMs, error.retryAfterMs);
      const spentMs = now() - start;
      if (spentMs + delayMs > patienceMs) {
        throw new Failure(`${error.message} (gave up after ${Math.round(spentMs / 1000)} s)`);
      }
      log(`${error.message}; trying again in ${Math.ceil(delayMs / 1000)} s`);
      await sleep(delayMs);
      backoffMs = Math.min(backoffMs * 2, longestDelayMs);
    }
  }
}
