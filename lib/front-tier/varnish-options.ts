import { Size, SizeRoundingBehavior } from 'cdk8s';
import { type Duration, durationSeconds } from '../duration';
import type { Problem } from '../problem';
import { type KeysOf, unknownKeys } from '../validation/unknown-keys';

export interface VarnishOptions {
  /**
   * Size of the file that blobs are kept in, on a disk of the node; a blob of more than about a sixth of it
   * is passed on to everybody without being kept.
   * @default Size.gibibytes(20)
   */
  readonly storeSize?: Size;
  /** How long a tag is answered without asking the upstream again. @default 5s */
  readonly tagFreshness?: Duration;
  /** How long a tag may take before the cached answer is given instead. @default 3s */
  readonly upstreamTimeout?: Duration;
  /** Image of Varnish ≥ 9.0 with varnish-modules, with tag or digest. @default public.ecr.aws/docker/library/varnish:9 */
  readonly image?: string;
  /** Memory limit in MiB; the store's pages are the kernel's and do not count. @default 1024 */
  readonly memoryLimitMiB?: number;
  /** How long running pulls may take to end when a Pod stops. @default 5m */
  readonly drainTime?: Duration;
  /**
   * Name in the cache's certificate, of a public authority, under which replicas trust one another.
   * @default with TLS each replica downloads for itself
   */
  readonly serverName?: string;
}

/** The options with every default in place, durations in seconds. */
export interface ResolvedVarnish {
  readonly storeBytes: number;
  readonly tagFreshnessSeconds: number;
  readonly upstreamTimeoutSeconds: number;
  readonly image: string;
  readonly memoryLimitMiB: number;
  readonly drainSeconds: number;
  readonly serverName?: string;
}

const optionKeys: KeysOf<Required<VarnishOptions>> = {
  storeSize: true,
  tagFreshness: true,
  upstreamTimeout: true,
  image: true,
  memoryLimitMiB: true,
  drainTime: true,
  serverName: true,
};

const mebibyte = 1024 * 1024;
const smallestStoreMiB = 1024;

/** Varnish 9 of a registry that clusters do not mirror, built by the project itself. */
export const defaultVarnishImage = 'public.ecr.aws/docker/library/varnish:9';

function durationProblem(
  property: string,
  value: Duration,
  least: number,
  most: string,
  mostSeconds: number,
): Problem[] {
  const seconds = durationSeconds(value);
  if (seconds !== undefined && seconds >= least && seconds <= mostSeconds) return [];
  return [
    {
      property,
      problem: `must be from ${least}s to ${most}, with its unit`,
      value,
      remedy: 'write it like 5s',
    },
  ];
}

/** What is wrong with the options of the front tier. */
export function varnishProblems(options: VarnishOptions): Problem[] {
  const { storeSize = Size.gibibytes(20), memoryLimitMiB = 1024 } = options;
  const storeMiB = storeSize.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR });
  return [
    ...unknownKeys('', options, optionKeys),
    ...durationProblem('tagFreshness', options.tagFreshness ?? '5s', 1, '1h', 3600),
    ...durationProblem('upstreamTimeout', options.upstreamTimeout ?? '3s', 1, '30s', 30),
    ...durationProblem('drainTime', options.drainTime ?? '5m', 30, '1h', 3600),
    ...(storeMiB >= smallestStoreMiB
      ? []
      : [
          {
            property: 'storeSize',
            problem: `keeps no blob above ${Math.floor((storeMiB * 0.95) / 6)} MiB, so that common layers are downloaded once for every node`,
            value: `${storeMiB} MiB`,
            remedy: 'use at least Size.gibibytes(1); the default is 20',
          },
        ]),
    ...(Number.isInteger(memoryLimitMiB) && memoryLimitMiB >= 256
      ? []
      : [
          {
            property: 'memoryLimitMiB',
            problem: 'must be a whole number of at least 256',
            value: memoryLimitMiB,
            remedy: 'state mebibytes, like 1024',
          },
        ]),
  ];
}

const seconds = (duration: Duration): number => durationSeconds(duration) ?? 0;

/** Puts every default in place; the options have been checked. */
export function resolveVarnish(options: VarnishOptions): ResolvedVarnish {
  const { storeSize = Size.gibibytes(20) } = options;
  return {
    storeBytes: storeSize.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }) * mebibyte,
    tagFreshnessSeconds: seconds(options.tagFreshness ?? '5s'),
    upstreamTimeoutSeconds: seconds(options.upstreamTimeout ?? '3s'),
    image: options.image ?? defaultVarnishImage,
    memoryLimitMiB: options.memoryLimitMiB ?? 1024,
    drainSeconds: seconds(options.drainTime ?? '5m'),
    serverName: options.serverName,
  };
}
