/** What a registry was asked for, as its operator would count it. */
export interface Counters {
  /** `GET /v2/`, the question whether a login is needed. */
  pings: number;
  /** Requests to the token endpoint, answered or not. */
  tokens: number;
  /** Manifests asked by tag: on Docker Hub each one is a pull. */
  manifestGetsByTag: number;
  /** Manifests asked by digest: on Docker Hub each one is a pull too. */
  manifestGetsByDigest: number;
  manifestHeads: number;
  blobGets: number;
  blobHeads: number;
  /** Bytes of manifests and blobs that left the server. */
  bytes: number;
}

export const noCounts = (): Counters => ({
  pings: 0,
  tokens: 0,
  manifestGetsByTag: 0,
  manifestGetsByDigest: 0,
  manifestHeads: 0,
  blobGets: 0,
  blobHeads: 0,
  bytes: 0,
});

/** A request as it arrived, and what was answered (0 while there is no answer). */
export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  /** The user that logged in, at the token endpoint or by Basic; never the password. */
  readonly user?: string;
  status: number;
}
