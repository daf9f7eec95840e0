import { setTimeout as delay } from 'node:timers/promises';

export interface UntilOptions {
  /** What is waited for, for the message. */
  readonly what: string;
  /** @default 120000 (milliseconds) */
  readonly timeoutMs?: number;
  /** Said when the time is over. @default nothing */
  readonly explain?: () => Promise<string>;
}

/** Asks until the answer is neither undefined nor false; a rejection counts as "not yet". The time it took in seconds. */
export async function until(
  ask: () => Promise<boolean | undefined>,
  { what, timeoutMs = 120_000, explain }: UntilOptions,
): Promise<number> {
  const started = Date.now();
  let last = '';
  while (Date.now() - started < timeoutMs) {
    const answer = await ask().catch((error: unknown) => {
      last = String(error);
      return undefined;
    });
    if (answer === true) return (Date.now() - started) / 1000;
    await delay(200);
  }
  const explained = await explain?.().catch(String);
  throw new Error(`${what}: not within ${timeoutMs / 1000} s\n${last}\n${explained ?? ''}`);
}
