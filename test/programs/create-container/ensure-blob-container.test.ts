import { describe, expect, it } from '@jest/globals';
import { ensureBlobContainer } from '../../../lib/programs/create-container/blob-container';
import type { CreateContainerConfig } from '../../../lib/programs/create-container/config';
import { Failure, patience } from '../../../lib/programs/create-container/failure';
import type { HttpAnswer, HttpRequest } from '../../../lib/programs/create-container/http-client';

const account = {
  account: 'forexample',
  container: 'dockerregistry',
  serviceUrl: 'https://forexample.blob.core.windows.net',
};
const withKey: CreateContainerConfig = {
  ...account,
  credentials: { type: 'accountKey', key: Buffer.from('canary-key') },
};
const withIdentity: CreateContainerConfig = {
  ...account,
  credentials: {
    type: 'workloadIdentity',
    clientId: 'client',
    tenantId: 'tenant',
    tokenFile: '/token',
    authorityHost: new URL('https://login.microsoftonline.com/'),
  },
};

const answer = (status: number, code?: string, headers: HttpAnswer['headers'] = {}): HttpAnswer => ({
  status,
  headers: { ...headers, ...(code === undefined ? {} : { 'x-ms-error-code': code }) },
  body: '',
});
const token = { ...answer(200), body: JSON.stringify({ access_token: 'canary-token' }) };
const entraError = (code: number) => ({ ...answer(401), body: JSON.stringify({ error_codes: [code] }) });

async function ensure(
  config: CreateContainerConfig,
  answers: readonly HttpAnswer[],
  file = 'canary-assertion\n',
) {
  const requests: HttpRequest[] = [];
  const result = await ensureBlobContainer(config, {
    send: (request) => {
      requests.push(request);
      const next = answers[requests.length - 1];
      return next ? Promise.resolve(next) : Promise.reject(new Error('no answer was prepared'));
    },
    date: () => new Date('2026-01-02T03:04:05Z'),
    readFile: () => (file === '' ? Promise.reject(new Error('ENOENT')) : Promise.resolve(file)),
  }).catch((error: unknown) => error);
  return { result, requests, asked: requests.map(({ method, url }) => `${method} ${url.href}`) };
}

const containerUrl = 'https://forexample.blob.core.windows.net/dockerregistry?restype=container';

describe('ensureBlobContainer', () => {
  it('leaves a container alone that is there', async () => {
    const { result, asked } = await ensure(withKey, [answer(200)]);
    expect(result).toBe('there');
    expect(asked).toEqual([`HEAD ${containerUrl}`]);
  });

  it('makes a container that is missing, private and signed', async () => {
    const { result, asked, requests } = await ensure(withKey, [
      answer(404, 'ContainerNotFound'),
      answer(201),
    ]);
    expect(result).toBe('made');
    expect(asked).toEqual([`HEAD ${containerUrl}`, `PUT ${containerUrl}`]);
    expect(Object.keys(requests[1]?.headers ?? {})).toEqual(['x-ms-date', 'x-ms-version', 'authorization']);
    expect(requests[1]?.headers).toMatchObject({
      'x-ms-date': 'Fri, 02 Jan 2026 03:04:05 GMT',
      authorization: expect.stringMatching(/^SharedKey forexample:[A-Za-z0-9+/]{43}=$/),
    });
  });

  it('is content when another Pod was quicker', async () => {
    const { result } = await ensure(withKey, [answer(404), answer(409, 'ContainerAlreadyExists')]);
    expect(result).toBe('there');
  });

  it("exchanges the Pod's token for one of Entra ID", async () => {
    const { result, asked, requests } = await ensure(withIdentity, [token, answer(404), answer(201)]);
    expect(result).toBe('made');
    expect(asked[0]).toBe('POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token');
    expect(Object.fromEntries(new URLSearchParams(requests[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      client_id: 'client',
      scope: 'https://storage.azure.com/.default',
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'canary-assertion',
    });
    expect(requests[2]?.headers).toMatchObject({ authorization: 'Bearer canary-token' });
  });

  it.each<[string, CreateContainerConfig, readonly HttpAnswer[], string, number]>([
    [
      'a wrong key at once',
      withKey,
      [answer(403, 'AuthenticationFailed')],
      'forexample.blob.core.windows.net answered 403 AuthenticationFailed; ' +
        "check that the key is that of the account forexample, the account's network rules and the node's clock",
      patience.none,
    ],
    [
      'an account that allows no keys at once',
      withKey,
      [answer(403, 'KeyBasedAuthenticationNotPermitted')],
      'answered 403 KeyBasedAuthenticationNotPermitted; the account allows no keys: use workloadIdentity',
      patience.none,
    ],
    [
      'a firewall before a key',
      withKey,
      [answer(403, 'IpAuthorizationError')],
      "answered 403 IpAuthorizationError; allow the cluster's addresses in the account's network rules",
      patience.none,
    ],
    [
      'a firewall before an identity, patiently',
      withIdentity,
      [token, answer(403, 'AuthorizationFailure')],
      "answered 403 AuthorizationFailure; allow the cluster's addresses in the account's network rules",
      patience.roleAssignment,
    ],
    [
      'a role that has not arrived yet, patiently',
      withIdentity,
      [token, answer(403, 'AuthorizationPermissionMismatch')],
      'give the identity the role Storage Blob Data Contributor on the account forexample',
      patience.roleAssignment,
    ],
    [
      'a role that may read and not write, patiently',
      withIdentity,
      [token, answer(404), answer(403, 'AuthorizationPermissionMismatch')],
      'give the identity the role Storage Blob Data Contributor',
      patience.roleAssignment,
    ],
    [
      "another tenant's identity",
      withIdentity,
      [token, answer(401, 'InvalidAuthenticationInfo')],
      'own tenant?',
      0,
    ],
    [
      'a service that is none',
      withKey,
      [answer(404), answer(404)],
      'answered 404; no blob service is there: check the account forexample and the service URL',
      patience.none,
    ],
    ['too many requests', withKey, [answer(429)], 'answered 429', patience.outage],
    [
      'a server in trouble',
      withKey,
      [answer(404), answer(503, 'ServerBusy')],
      'answered 503 ServerBusy',
      patience.outage,
    ],
    [
      'a key that Azure cannot read',
      withKey,
      [answer(400, 'InvalidAuthenticationInfo')],
      'check that the key is that of the account',
      patience.none,
    ],
    [
      'a container that is being deleted',
      withKey,
      [answer(404), answer(409, 'ContainerBeingDeleted')],
      '409',
      patience.outage,
    ],
    [
      'anything else',
      withKey,
      [answer(400, 'FeatureVersionMismatch')],
      'answered 400 FeatureVersionMismatch; make the container dockerregistry by hand and set createContainer: false',
      patience.none,
    ],
    ['a code that is no word', withKey, [answer(400, 'x y\u001b[31m')], 'answered 400; ', patience.none],
    [
      'a credential that does not match',
      withIdentity,
      [entraError(700213)],
      "login.microsoftonline.com refused the identity (AADSTS700213): no federated credential has the Pod's subject; ",
      patience.outage,
    ],
    [
      'a tenant that is none',
      withIdentity,
      [entraError(90002)],
      '(AADSTS90002): there is no such tenant; ',
      patience.none,
    ],
    [
      'an error of Entra that it does not know',
      withIdentity,
      [entraError(53003)],
      '(AADSTS53003): see https://login.microsoftonline.com/error?code=53003',
      patience.none,
    ],
    [
      'Entra in trouble',
      withIdentity,
      [answer(503)],
      'login.microsoftonline.com answered 503',
      patience.outage,
    ],
    [
      'something that is not Entra',
      withIdentity,
      [{ ...answer(200), body: '<html>' }],
      'answered 200 and no token; ',
      0,
    ],
    [
      'something that is not Entra at all',
      withIdentity,
      [{ ...answer(400), body: 'null' }],
      'answered 400 and no token; ',
      0,
    ],
  ])('names %s', async (_, config, answers, message, patienceMs) => {
    const { result } = await ensure(config, answers);
    expect(result).toBeInstanceOf(Failure);
    expect(result).toMatchObject({ message: expect.stringContaining(message), patienceMs });
    expect(JSON.stringify(result) + String(result)).not.toContain('canary');
  });

  it('waits as long as Azure asks, at most a minute', async () => {
    const { result } = await ensure(withKey, [answer(503, 'ServerBusy', { 'retry-after': '7' })]);
    expect(result).toMatchObject({ retryAfterMs: 7_000 });
    const { result: long } = await ensure(withIdentity, [answer(429, undefined, { 'retry-after': '7200' })]);
    expect(long).toMatchObject({ retryAfterMs: 60_000 });
  });

  it("says when the Pod's token is not there", async () => {
    const { result, requests } = await ensure(withIdentity, [], '');
    expect(result).toMatchObject({
      message: expect.stringContaining("the Pod's token cannot be read from /token; "),
    });
    expect(requests).toEqual([]);
  });
});
