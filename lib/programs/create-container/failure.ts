/** How long a kind of failure is worth new attempts, counted from the program's start (milliseconds). */
export const patience = {
  /** It will not pass by itself. */
  none: 0,
  /** A name that is new, or wrong: most likely the latter. */
  name: 30_000,
  /** Networks, name servers and services recover. */
  outage: 2 * 60_000,
  /**
   * A new role assignment takes up to ten minutes to arrive:
   * https://learn.microsoft.com/azure/role-based-access-control/troubleshooting#symptom---role-assignment-changes-are-not-being-detected.
   */
  roleAssignment: 10 * 60_000,
} as const;

export interface FailureOptions {
  /** @default patience.none */
  readonly patienceMs?: number;
  /** How long the other side asks to be left alone (milliseconds). @default the caller's own pace */
  readonly retryAfterMs?: number;
}

/** Something that went wrong, as one line with its remedy, and how long it may pass by itself. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly patienceMs: number;
  readonly retryAfterMs: number;

  constructor(message: string, { patienceMs = patience.none, retryAfterMs = 0 }: FailureOptions = {}) {
    super(message);
    this.patienceMs = patienceMs;
    this.retryAfterMs = retryAfterMs;
  }
}
