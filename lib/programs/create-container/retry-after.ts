import type { HttpAnswer } from './http-client';

/** Longest pause that another side's wish is granted (milliseconds). */
const longestMs = 60_000;

/** How long an answer asks to be left alone (milliseconds): its Retry-After in seconds, or none. */
export function retryAfterMs({ headers }: HttpAnswer): number {
  const seconds = Number(headers['retry-after']);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1000, longestMs) : 0;
}
