/** A TCP port that something must be allowed to connect to. */
export interface NetworkTarget {
  readonly port: number;
  /** What is there, for a reader of the policy. */
  readonly purpose: string;
}

/** The target of a URL: its own port, or its scheme's. */
export function networkTarget(url: string, purpose: string): NetworkTarget {
  const { port, protocol } = new URL(url);
  return { port: port === '' ? (protocol === 'http:' ? 80 : 443) : Number(port), purpose };
}
