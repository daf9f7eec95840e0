import { checkAzureAccountKey } from './azure-account-key';
import { checkAzureIdentity } from './azure-identity';
import { checkCa } from './ca';
import { checkHtpasswd } from './htpasswd';
import { checkLogin } from './login';
import type { SecretCheck } from './secret-check';
import { checkTls, type TlsCheckOptions } from './tls';

/** A kind of Secret whose values can be checked. */
export interface SecretKind {
  /** One sentence that says what it holds. */
  readonly about: string;
  /** Names of its values, in the order in which `check` takes them. */
  readonly values: readonly string[];
  readonly check: (values: readonly string[], options: TlsCheckOptions) => SecretCheck;
}

/** Every kind of Secret that a cache reads, by the name that a command line has for it. */
export const secretKinds: ReadonlyMap<string, SecretKind> = new Map<string, SecretKind>([
  [
    'htpasswd',
    {
      about: 'the users of the cache, user:bcrypt lines',
      values: ['htpasswd'],
      check: ([text = '']) => checkHtpasswd(text),
    },
  ],
  [
    'azure-account-key',
    {
      about: 'the key of an Azure storage account',
      values: ['accountKey'],
      check: ([text = '']) => checkAzureAccountKey(text),
    },
  ],
  [
    'azure-identity',
    {
      about: 'the ids of an identity that may use the account',
      values: ['clientId', 'tenantId'],
      check: ([clientId = '', tenantId = '']) => checkAzureIdentity({ clientId, tenantId }),
    },
  ],
  [
    'login',
    {
      about: 'a user name and password',
      values: ['username', 'password'],
      check: ([username = '', password = '']) => checkLogin({ username, password }),
    },
  ],
  [
    'tls',
    {
      about: "a server's certificate and its key",
      values: ['certificate', 'privateKey'],
      check: ([certificate = '', privateKey = ''], options) => checkTls({ certificate, privateKey }, options),
    },
  ],
  [
    'ca',
    {
      about: 'certificates of authorities',
      values: ['certificate'],
      check: ([text = ''], { now }) => checkCa(text, now),
    },
  ],
]);
