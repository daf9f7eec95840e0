import { describe, expect, test } from '@jest/globals';
import {
  initialState,
  transition,
  type MirrorState,
} from '../../../lib/programs/node-agent/engine/mirror-state';
import { probeTimeoutMs } from '../../../lib/programs/node-agent/probe/probe-mirror';
import { ok, refused, wedged } from './support/test-agent';

const applied: MirrorState = { phase: 'applied', successes: 7, failures: 0 };
const wrong = { kind: 'wrong', cause: 'upstream', detail: 'serves quay.io' } as const;

/** The state after some answers, and the last action. */
function after(state: MirrorState, ...results: Parameters<typeof transition>[1][]) {
  let action = 'none';
  let waitedMs = 0;
  for (const result of results) {
    const next = transition(state, result, 45_000);
    ({ state, action } = next);
    waitedMs += next.delayMs;
  }
  return { state, action, waitedMs };
}

describe('a mirror is used', () => {
  test('after three good answers in a row, within a second of waiting', () => {
    expect(after(initialState, ok, ok).action).toBe('none');
    const third = after(initialState, ok, ok, ok);
    expect(third).toMatchObject({ state: { phase: 'applied' }, action: 'apply' });
    expect(after(initialState, ok, ok).waitedMs).toBeLessThan(1_000);
  });

  test('not when a bad answer comes between', () => {
    expect(after(initialState, ok, ok, refused, ok, ok).state.phase).toBe('probing');
    expect(after(initialState, ok, ok, refused, ok, ok, ok).state.phase).toBe('applied');
  });

  test('again after five good answers in a row, once it was withdrawn', () => {
    const withdrawn: MirrorState = { phase: 'withdrawn', successes: 0, failures: 3 };
    expect(after(withdrawn, ok, ok, ok, ok).state.phase).toBe('withdrawn');
    expect(after(withdrawn, ok, ok, ok, ok, ok)).toMatchObject({
      state: { phase: 'applied' },
      action: 'apply',
    });
  });
});

describe('a mirror in use', () => {
  test('is withdrawn after three bad answers in a row, within 65 s of its death', () => {
    expect(after(applied, wedged, wedged).action).toBe('none');
    const third = after(applied, wedged, wedged, wedged);
    expect(third).toMatchObject({ state: { phase: 'withdrawn' }, action: 'withdraw' });
    const untilFirst = transition(applied, ok, 45_000).delayMs;
    const between = after(applied, wedged, wedged).waitedMs;
    expect(untilFirst + between + 3 * probeTimeoutMs).toBeLessThan(65_000);
  });

  test('stays when good answers come between bad ones', () => {
    expect(after(applied, wedged, wedged, ok, wedged, wedged).state.phase).toBe('applied');
  });

  test('is withdrawn at once when it serves another registry or refuses the login', () => {
    expect(after(applied, wrong)).toMatchObject({ state: { phase: 'withdrawn' }, action: 'withdraw' });
  });

  test('is written again after each good answer, at the regular pace', () => {
    expect(transition(applied, ok, 45_000)).toMatchObject({ action: 'apply', delayMs: 45_000 });
  });
});

test('a mirror that was withdrawn is asked at the regular pace while it is down', () => {
  const withdrawn: MirrorState = { phase: 'withdrawn', successes: 0, failures: 3 };
  expect(transition(withdrawn, refused, 45_000).delayMs).toBe(45_000);
  expect(transition(withdrawn, ok, 45_000).delayMs).toBe(5_000);
});

test('a mirror that never answered is asked every 5 s', () => {
  expect(transition(initialState, refused, 45_000)).toMatchObject({ action: 'none', delayMs: 5_000 });
});
