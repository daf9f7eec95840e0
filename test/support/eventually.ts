import { setTimeout as delay } from 'node:timers/promises';

/** Asks every 10 ms until the answer is yes; throws after the time-out. */
export async function eventually(
  isTrue: () => boolean | Promise<boolean>,
  { timeoutMs = 15_000 }: { timeoutMs?: number } = {},
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error(`still not true after ${timeoutMs} ms: ${isTrue.toString()}`);
    await delay(10);
  }
}
