import type { Credentials } from './config';
import { Failure, patience } from './failure';
import type { HttpAnswer, Send } from './http-client';
import { retryAfterMs } from './retry-after';

type Identity = Extract<Credentials, { type: 'workloadIdentity' }>;

export interface TokenContext {
  readonly send: Send;
  readonly readFile: (path: string) => Promise<string>;
}

/** Every storage account accepts a token for this resource. */
const scope = 'https://storage.azure.com/.default';

const federation =
  "compare the identity's federated credential with the cluster's issuer, namespace and ServiceAccount";

/**
 * What Entra's error codes mean, those that a wrong set-up meets; new identities and federated credentials take a
 * while to arrive.
 * @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes
 */
const meanings: ReadonlyMap<number, { readonly text: string; readonly patienceMs: number }> = new Map([
  [
    70021,
    { text: `no federated credential matches the Pod's token; ${federation}`, patienceMs: patience.outage },
  ],
  [
    700211,
    { text: `no federated credential has the cluster's issuer; ${federation}`, patienceMs: patience.outage },
  ],
  [
    700212,
    { text: `no federated credential has the token's audience; ${federation}`, patienceMs: patience.outage },
  ],
  [
    700213,
    { text: `no federated credential has the Pod's subject; ${federation}`, patienceMs: patience.outage },
  ],
  [
    700016,
    { text: 'the tenant has no identity of this client id; check clientId', patienceMs: patience.outage },
  ],
  [90002, { text: 'there is no such tenant; check tenantId', patienceMs: patience.none }],
  [
    700024,
    { text: "the Pod's token is outside its time; check the node's clock", patienceMs: patience.outage },
  ],
]);

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function refusal(host: string, answer: HttpAnswer): Failure {
  if (answer.status === 429 || answer.status >= 500) {
    return new Failure(`${host} answered ${answer.status}`, {
      patienceMs: patience.outage,
      retryAfterMs: retryAfterMs(answer),
    });
  }
  const codes = parseObject(answer.body)['error_codes'];
  const code: unknown = Array.isArray(codes) ? codes[0] : undefined;
  if (typeof code !== 'number') {
    return new Failure(
      `${host} answered ${answer.status} and no token; is something between the Pod and Entra ID?`,
    );
  }
  const known = meanings.get(code);
  const text = known?.text ?? `see https://login.microsoftonline.com/error?code=${code}`;
  return new Failure(`${host} refused the identity (AADSTS${code}): ${text}`, {
    patienceMs: known?.patienceMs ?? patience.none,
  });
}

async function readAssertion(identity: Identity, { readFile }: TokenContext): Promise<string> {
  try {
    return (await readFile(identity.tokenFile)).trim();
  } catch {
    throw new Failure(
      `the Pod's token cannot be read from ${identity.tokenFile}; check its projected volume and the fsGroup`,
    );
  }
}

/** Exchanges the Pod's own token for one that Azure Blob storage accepts. */
export async function entraToken(identity: Identity, context: TokenContext): Promise<string> {
  const url = new URL(`${identity.tenantId}/oauth2/v2.0/token`, identity.authorityHost);
  const answer = await context.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: identity.clientId,
      scope,
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: await readAssertion(identity, context),
    }).toString(),
  });
  const token = answer.status === 200 ? parseObject(answer.body)['access_token'] : undefined;
  if (typeof token !== 'string') throw refusal(url.host, answer);
  return token;
}
