import { setTimeout as delay } from 'node:timers/promises';

export interface Clock {
  /** Milliseconds since some moment. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

const realClock: Clock = {
  now: () => performance.now(),
  // Who is cut off in the meantime must not keep the process alive.
  sleep: async (milliseconds) => delay(milliseconds, undefined, { ref: false }),
};

/** A line of a fixed width that everybody who takes from it shares. */
export class Throttle {
  private freeAt = 0;

  constructor(
    private readonly bytesPerSecond: number,
    private readonly clock: Clock = realClock,
  ) {}

  /** Resolves when the bytes may be sent. */
  async take(bytes: number): Promise<void> {
    if (this.bytesPerSecond === Infinity) return;
    const now = this.clock.now();
    this.freeAt = Math.max(now, this.freeAt) + (bytes / this.bytesPerSecond) * 1000;
    // A timer is exact to a millisecond or two: what is due sooner is sent at once and repaid by the next one.
    if (this.freeAt - now > 2) await this.clock.sleep(this.freeAt - now);
  }
}
