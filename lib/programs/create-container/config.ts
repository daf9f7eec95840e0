import { checkAzureAccountKey } from '../../secret-values/azure-account-key';
import { checkAzureIdentity } from '../../secret-values/azure-identity';
import type { SecretCheck } from '../../secret-values/secret-check';

export type Environment = Readonly<Record<string, string | undefined>>;

/** How the program proves to Azure that it may use the account. */
export type Credentials =
  | { readonly type: 'accountKey'; readonly key: Buffer }
  | {
      readonly type: 'workloadIdentity';
      readonly clientId: string;
      readonly tenantId: string;
      /** File with the token that Kubernetes gives the Pod. */
      readonly tokenFile: string;
      /** Where Entra ID answers. */
      readonly authorityHost: URL;
    };

export interface CreateContainerConfig {
  readonly account: string;
  readonly container: string;
  /** The account's blob service, without a slash at the end. */
  readonly serviceUrl: string;
  readonly credentials: Credentials;
}

/** Thrown when the environment is not what the program needs: every problem, none of the values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  constructor(problems: readonly string[]) {
    super(problems.join('; '));
  }
}

const defaultAuthorityHost = 'https://login.microsoftonline.com/';

function findings(check: SecretCheck, variables: Readonly<Record<string, string>>): readonly string[] {
  return check.problems.map(
    ({ value, problem, remedy }) => `${variables[value] ?? value}: ${problem}, ${remedy}`,
  );
}

function readCredentials(env: Environment, problems: string[]): Credentials | undefined {
  const key = env['AZURE_STORAGE_KEY'];
  if (key !== undefined) {
    problems.push(...findings(checkAzureAccountKey(key), { accountKey: 'AZURE_STORAGE_KEY' }));
    return { type: 'accountKey', key: Buffer.from(key, 'base64') };
  }
  const { AZURE_CLIENT_ID: clientId, AZURE_TENANT_ID: tenantId, AZURE_FEDERATED_TOKEN_FILE: tokenFile } = env;
  if (clientId === undefined || tenantId === undefined || tokenFile === undefined) {
    problems.push(
      'there are no credentials: set AZURE_STORAGE_KEY, or AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_FEDERATED_TOKEN_FILE',
    );
    return undefined;
  }
  const variables = { clientId: 'AZURE_CLIENT_ID', tenantId: 'AZURE_TENANT_ID' };
  problems.push(...findings(checkAzureIdentity({ clientId, tenantId }), variables));
  const authorityHost = env['AZURE_AUTHORITY_HOST'] ?? defaultAuthorityHost;
  if (!URL.canParse(authorityHost) || new URL(authorityHost).protocol !== 'https:') {
    problems.push(`AZURE_AUTHORITY_HOST is not an https URL (was ${JSON.stringify(authorityHost)})`);
    return undefined;
  }
  return { type: 'workloadIdentity', clientId, tenantId, tokenFile, authorityHost: new URL(authorityHost) };
}

/**
 * Reads what the program needs from its environment.
 *
 * | variable | holds |
 * |---|---|
 * | `AZURE_STORAGE_ACCOUNT` | name of the storage account |
 * | `AZURE_STORAGE_CONTAINER` | name of the blob container |
 * | `AZURE_STORAGE_SERVICE_URL` | URL of the account's blob service |
 * | `AZURE_STORAGE_KEY` | the account's key; left out with a workload identity |
 * | `AZURE_CLIENT_ID`, `AZURE_TENANT_ID` | the identity |
 * | `AZURE_FEDERATED_TOKEN_FILE` | file with the Pod's token for Entra ID |
 * | `AZURE_AUTHORITY_HOST` | URL of Entra ID, by default https://login.microsoftonline.com/ |
 * | `HTTPS_PROXY`, `NO_PROXY` | way out of the network, see `proxyFor` |
 */
export function readConfig(env: Environment): CreateContainerConfig {
  const problems: string[] = [];
  const required = (variable: string): string => {
    const text = env[variable] ?? '';
    if (text === '') problems.push(`${variable} is not set`);
    return text;
  };
  const account = required('AZURE_STORAGE_ACCOUNT');
  const container = required('AZURE_STORAGE_CONTAINER');
  const serviceUrl = required('AZURE_STORAGE_SERVICE_URL').replace(/\/+$/, '');
  if (serviceUrl !== '' && !/^https?:\/\/[^/]+/.test(serviceUrl)) {
    problems.push(
      `AZURE_STORAGE_SERVICE_URL is not an http or https URL (was ${JSON.stringify(serviceUrl)})`,
    );
  }
  const credentials = readCredentials(env, problems);
  // Entra's tokens must not cross a network in clear text; the key never leaves the program.
  if (credentials?.type === 'workloadIdentity' && serviceUrl.startsWith('http:')) {
    problems.push(
      `a workload identity needs an https AZURE_STORAGE_SERVICE_URL (was ${JSON.stringify(serviceUrl)})`,
    );
  }
  if (!credentials || problems.length > 0) throw new ConfigError(problems);
  return { account, container, serviceUrl, credentials };
}
