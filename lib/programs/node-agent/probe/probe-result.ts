/** What one question to a mirror showed. */
export type ProbeResult =
  | { readonly kind: 'ok' }
  /** No answer, or one that the cache does not give: it may be over in a moment. */
  | { readonly kind: 'failure'; readonly cause: FailureCause; readonly detail: string }
  /** Using it on would do harm: another registry's images, or logins sent to it. */
  | { readonly kind: 'wrong'; readonly cause: WrongCause; readonly detail: string };

export const failureCauses = [
  'refused',
  'timeout',
  'cut',
  'unreachable',
  'tls',
  'answer',
  'storage',
] as const;
export const wrongCauses = ['upstream', 'login', 'challenge'] as const;

export type FailureCause = (typeof failureCauses)[number];
export type WrongCause = (typeof wrongCauses)[number];
