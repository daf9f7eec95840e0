/** What a Secret holds: every kind has keys of its own. */
export interface AuthSecretKeys {
  readonly htpasswd: { readonly htpasswd: string };
  readonly azureAccountKey: { readonly accountKey: string };
  readonly azureIdentity: { readonly clientId: string; readonly tenantId: string };
  readonly login: { readonly username: string; readonly password: string };
  readonly tls: { readonly certificate: string; readonly privateKey: string };
  readonly ca: { readonly certificate: string };
}

export type AuthSecretKind = keyof AuthSecretKeys;

/** A Secret that somebody else makes: its name and the keys in it, never its values. */
export interface AuthSecret<Kind extends AuthSecretKind = AuthSecretKind> {
  readonly kind: Kind;
  /** Name of the Secret, in the namespace of the objects that use it. */
  readonly name: string;
  /** The keys of the Secret's data that hold the values. */
  readonly keys: AuthSecretKeys[Kind];
}

function factory<Kind extends AuthSecretKind>(kind: Kind, defaults: AuthSecretKeys[Kind]) {
  return (name: string, keys: Partial<AuthSecretKeys[Kind]> = {}): AuthSecret<Kind> => ({
    kind,
    name,
    keys: { ...defaults, ...keys },
  });
}

/** Names the Secrets that a cache and its nodes read; the values never pass through here. */
export const AuthSecret = {
  /** Users of the cache: a file of `user:bcrypt` lines. @default key `htpasswd` */
  htpasswd: factory('htpasswd', { htpasswd: 'htpasswd' }),
  /** The key of an Azure storage account, base64 as Azure shows it. @default key `accountKey` */
  azureAccountKey: factory('azureAccountKey', { accountKey: 'accountKey' }),
  /** The identity that may use an Azure storage account. @default keys `clientId`, `tenantId` */
  azureIdentity: factory('azureIdentity', { clientId: 'clientId', tenantId: 'tenantId' }),
  /**
   * A user name and password, like a Secret of type `kubernetes.io/basic-auth`.
   * @default keys `username`, `password`
   */
  login: factory('login', { username: 'username', password: 'password' }),
  /** A certificate and its key: a Secret of type `kubernetes.io/tls`. @default keys `tls.crt`, `tls.key` */
  tls: factory('tls', { certificate: 'tls.crt', privateKey: 'tls.key' }),
  /** Certificates of authorities that are trusted besides the public ones. @default key `ca.crt` */
  ca: factory('ca', { certificate: 'ca.crt' }),
} as const;
