import { setTimeout as delay } from 'node:timers/promises';
import { pullImage } from '../support/pull-client';

/** What a herd does; given as JSON in the first argument. */
export interface HerdJob {
  readonly url: string;
  readonly repository: string;
  readonly clients: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds between one client and the next. @default 0 */
  readonly staggerMs?: number;
  /** Bytes after which the first client goes away. */
  readonly firstAbortsAfter?: number;
  /** The first client reads at this speed, and is not waited for. */
  readonly firstReadsAt?: number;
}

/** What became of it; printed as JSON. */
export interface HerdResult {
  /** From the start of the first client to the end of the last one that is waited for. */
  readonly seconds: number;
  readonly bytes: number;
  readonly firstByteMs: readonly number[];
  readonly errors: readonly string[];
}

/** The nodes of a herd, in a process of their own: every digest is checked. */
async function main(job: HerdJob): Promise<HerdResult> {
  const started = performance.now();
  const odd = job.firstAbortsAfter !== undefined || job.firstReadsAt !== undefined;
  const pull = async (n: number) => {
    await delay(n * (job.staggerMs ?? 0));
    return pullImage(job.url, job.repository, '1', {
      ...(job.headers ? { headers: job.headers } : {}),
      ...(n === 0 && job.firstAbortsAfter !== undefined ? { abortAfterBytes: job.firstAbortsAfter } : {}),
      ...(n === 0 && job.firstReadsAt !== undefined ? { bytesPerSecond: job.firstReadsAt } : {}),
      timeoutMs: 180_000,
    });
  };
  const pulls = Array.from({ length: job.clients }, (_, n) => pull(n));
  if (odd) pulls.shift()?.catch(() => undefined);
  const results = await Promise.allSettled(pulls);
  const seconds = (performance.now() - started) / 1000;
  const whole = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  return {
    seconds,
    bytes: whole.reduce((sum, { bytes }) => sum + bytes, 0),
    firstByteMs: whole.map(({ firstByteMs }) => firstByteMs),
    errors: results.flatMap((result) => (result.status === 'rejected' ? [String(result.reason)] : [])),
  };
}

void main(JSON.parse(process.argv[2] ?? '{}') as HerdJob).then((result) => {
  process.stdout.write(JSON.stringify(result), () => process.exit(0));
});
