import type { Clock } from '../../../../lib/programs/node-agent/engine/clock';

/** Time that passes at once, and only when somebody waits. */
export class TestClock implements Clock {
  time = Date.parse('2026-01-01T00:00:00Z');

  now(): number {
    return this.time;
  }

  sleep(ms: number): Promise<void> {
    this.time += ms;
    return Promise.resolve();
  }
}
