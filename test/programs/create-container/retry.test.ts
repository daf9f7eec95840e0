import { describe, expect, it } from '@jest/globals';
import { Failure, patience } from '../../../lib/programs/create-container/failure';
import { retry } from '../../../lib/programs/create-container/retry';

/** A clock that sleeping moves; attempts fail with the given failures, one after the other, then succeed. */
function scene(failures: readonly Error[], forever = false) {
  let time = 0;
  let attempts = 0;
  const sleeps: number[] = [];
  const lines: string[] = [];
  const attempt = () => {
    const failure = failures[forever ? attempts % failures.length : attempts];
    attempts += 1;
    return failure ? Promise.reject(failure) : Promise.resolve('done');
  };
  const result = retry(attempt, {
    now: () => time,
    sleep: (ms) => {
      sleeps.push(ms);
      time += ms;
      return Promise.resolve();
    },
    log: (line) => lines.push(line),
  });
  return { result, sleeps, lines, elapsed: () => time, attempts: () => attempts };
}

const outage = new Failure('broken', { patienceMs: patience.outage });

describe('retry', () => {
  it('is done when the first attempt is', async () => {
    const { result, sleeps, lines } = scene([]);
    expect(await result).toBe('done');
    expect([sleeps, lines]).toEqual([[], []]);
  });

  it('waits longer from attempt to attempt, up to 30 s, and says so', async () => {
    const { result, sleeps, lines } = scene(
      Array<Error>(7).fill(new Failure('x', { patienceMs: patience.roleAssignment })),
    );
    expect(await result).toBe('done');
    expect(sleeps).toEqual([1000, 2000, 4000, 8000, 16000, 30000, 30000]);
    expect(lines[2]).toBe('x; trying again in 4 s');
  });

  it('waits as long as the other side asks', async () => {
    const { result, sleeps } = scene([
      new Failure('x', { patienceMs: patience.outage, retryAfterMs: 20_000 }),
    ]);
    await result;
    expect(sleeps).toEqual([20_000]);
  });

  it('gives up at once on what will not pass', async () => {
    const { result, attempts } = scene([new Failure('wrong key')], true);
    await expect(result).rejects.toThrow(/^wrong key$/);
    expect(attempts()).toBe(1);
  });

  it('gives up at once on what it does not know', async () => {
    const { result, attempts } = scene([new TypeError('bug')], true);
    await expect(result).rejects.toThrow(TypeError);
    expect(attempts()).toBe(1);
  });

  it.each([
    ['an outage', patience.outage],
    ['a role assignment', patience.roleAssignment],
  ])('gives up on %s before its time is over', async (_, patienceMs) => {
    const { result, elapsed } = scene([new Failure('x', { patienceMs })], true);
    await expect(result).rejects.toThrow(/^x \(gave up after \d+ s\)$/);
    expect(elapsed()).toBeGreaterThan(patienceMs - 31_000);
    expect(elapsed()).toBeLessThanOrEqual(patienceMs);
  });

  it('keeps the patience of a role assignment through a short outage', async () => {
    const role = new Failure('role', { patienceMs: patience.roleAssignment });
    const { result, elapsed } = scene([...Array<Error>(10).fill(role), outage]);
    expect(await result).toBe('done');
    expect(elapsed()).toBeGreaterThan(patience.outage);
  });

  it('gives up on a wrong key even after an outage', async () => {
    const { result, attempts } = scene([outage, new Failure('wrong key')]);
    await expect(result).rejects.toThrow('wrong key');
    expect(attempts()).toBe(2);
  });
});
