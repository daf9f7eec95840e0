import type { RequestKind } from './request-kind';

/** A way in which a registry fails. */
export type Fault =
  | { readonly type: 'status'; readonly status: keyof typeof errors; readonly retryAfterSeconds?: number }
  /** Takes the request and never answers. */
  | { readonly type: 'hang' }
  /** Answers bodies at this speed, each connection for itself. */
  | { readonly type: 'slow'; readonly bytesPerSecond: number }
  /** Ends the connection in the middle of the body: with a TCP reset, or with an orderly FIN. */
  | { readonly type: 'cut'; readonly afterBytes: number; readonly by: 'reset' | 'fin' };

export type FaultScope = 'everything' | 'manifests' | 'blobs' | 'tokens';

const errors = {
  401: { code: 'UNAUTHORIZED', message: 'authentication required' },
  403: { code: 'DENIED', message: 'requested access to the resource is denied' },
  429: {
    code: 'TOOMANYREQUESTS',
    message:
      'You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: ' +
      'https://www.docker.com/increase-rate-limit',
  },
  500: { code: 'INTERNAL_ERROR', message: 'internal error' },
  503: { code: 'UNAVAILABLE', message: 'service unavailable' },
} as const;

/** The body that Docker Hub gives with an error. */
export const errorBody = (status: keyof typeof errors): string =>
  JSON.stringify({ errors: [errors[status]] });

/** The faults that are switched on now. */
export class Faults {
  private readonly active = new Map<FaultScope, { readonly fault: Fault; times: number }>();

  set(scope: FaultScope, fault: Fault, times: number): void {
    this.active.set(scope, { fault, times });
  }

  clear(): void {
    this.active.clear();
  }

  /** The fault that meets this request, if any: the narrower scope wins, and it is one time less from now on. */
  next(kind: RequestKind): Fault | undefined {
    for (const scope of [scopes[kind], 'everything'] as const) {
      const entry = scope === undefined ? undefined : this.active.get(scope);
      if (scope === undefined || entry === undefined) continue;
      entry.times -= 1;
      if (entry.times <= 0) this.active.delete(scope);
      return entry.fault;
    }
    return undefined;
  }
}

const scopes: Readonly<Record<RequestKind, FaultScope | undefined>> = {
  ping: undefined,
  token: 'tokens',
  manifest: 'manifests',
  blob: 'blobs',
  other: undefined,
};
