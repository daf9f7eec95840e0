import type { AuthSecret } from './auth-secret';

export interface OpenAccessOptions {
  /**
   * Says that everybody who reaches a node's port may pull what the cache's upstream logins can read.
   * @default false
   */
  readonly exposesPrivateImages?: boolean;
}

export interface HtpasswdAccessOptions {
  /** Users: `user:bcrypt` lines; a changed file is taken up without a restart. */
  readonly users: AuthSecret<'htpasswd'>;
  /** Certificate of the host that nodes ask; without one passwords would pass in clear text. */
  readonly tls: AuthSecret<'tls'>;
}

/** Who may pull from the cache. */
export type Access =
  | { readonly type: 'open'; readonly exposesPrivateImages: boolean; readonly tls?: undefined }
  | ({ readonly type: 'htpasswd' } & HtpasswdAccessOptions);

export const Access = {
  /** Everybody who reaches the port. */
  open: ({ exposesPrivateImages = false }: OpenAccessOptions = {}): Access => ({
    type: 'open',
    exposesPrivateImages,
  }),
  /** Users with a password, over TLS. */
  htpasswd: (options: HtpasswdAccessOptions): Access => ({ ...options, type: 'htpasswd' }),
} as const;
