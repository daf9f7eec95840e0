import type { CreateContainerConfig } from './config';
import { Failure, patience } from './failure';
import type { HttpAnswer } from './http-client';
import { retryAfterMs } from './retry-after';

const firewall = "allow the cluster's addresses in the account's network rules";

/**
 * What Azure's error codes of a refusal mean that leave no doubt.
 * @see https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes
 */
const remedies: ReadonlyMap<string, string> = new Map([
  ['IpAuthorizationError', firewall],
  ['KeyBasedAuthenticationNotPermitted', 'the account allows no keys: use workloadIdentity'],
  ['AccountIsDisabled', 'the account is disabled: enable it'],
  ['InsufficientAccountPermissions', 'the account is disabled or read-only: enable it'],
]);

function refusalFailure(
  { account, credentials }: CreateContainerConfig,
  refused: string,
  code: string,
): Failure {
  const known = remedies.get(code);
  if (credentials.type === 'accountKey') {
    const remedy = `check that the key is that of the account ${account}, the account's network rules and the node's clock`;
    return new Failure(`${refused}; ${known ?? remedy}`);
  }
  const role = `give the identity the role Storage Blob Data Contributor on the account ${account}`;
  const remedy = code === 'AuthorizationFailure' ? firewall : role;
  return new Failure(`${refused}; ${known ?? remedy}`, { patienceMs: patience.roleAssignment });
}

/** What an answer of the blob service means that is neither success nor "not there". */
export function storageFailure(config: CreateContainerConfig, answer: HttpAnswer): Failure {
  const { status, headers } = answer;
  const header = headers['x-ms-error-code'];
  const code = typeof header === 'string' && /^\w{1,80}$/.test(header) ? header : '';
  const host = new URL(config.serviceUrl).host;
  const said = `${host} answered ${status}${code === '' ? '' : ` ${code}`}`;
  if (status === 403 || (status === 400 && code === 'InvalidAuthenticationInfo'))
    return refusalFailure(config, said, code);
  if (status === 429 || status >= 500 || code === 'ContainerBeingDeleted') {
    return new Failure(said, { patienceMs: patience.outage, retryAfterMs: retryAfterMs(answer) });
  }
  if (status === 401) return new Failure(`${said}; is the identity of the account's own tenant?`);
  if (status === 404) {
    return new Failure(
      `${said}; no blob service is there: check the account ${config.account} and the service URL`,
    );
  }
  return new Failure(
    `${said}; make the container ${config.container} by hand and set createContainer: false`,
  );
}
