import { describe, expect, it } from '@jest/globals';
import { readConfig, type Environment } from '../../../lib/programs/create-container/config';

const key = Buffer.alloc(64, 0xa7).toString('base64');
const account = {
  AZURE_STORAGE_ACCOUNT: 'forexample',
  AZURE_STORAGE_CONTAINER: 'dockerregistry',
  AZURE_STORAGE_SERVICE_URL: 'https://forexample.blob.core.windows.net/',
};
const withKey = { ...account, AZURE_STORAGE_KEY: key };
const withIdentity = {
  ...account,
  AZURE_CLIENT_ID: '11111111-2222-3333-4444-555555555555',
  AZURE_TENANT_ID: '99999999-2222-3333-4444-555555555555',
  AZURE_FEDERATED_TOKEN_FILE: '/token',
};

function messageOf(env: Environment): string {
  try {
    readConfig(env);
    return 'no problem';
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : '';
  }
}

describe('readConfig', () => {
  it('reads an account key', () => {
    expect(readConfig(withKey)).toEqual({
      account: 'forexample',
      container: 'dockerregistry',
      serviceUrl: 'https://forexample.blob.core.windows.net',
      credentials: { type: 'accountKey', key: Buffer.alloc(64, 0xa7) },
    });
  });

  it('reads a workload identity, by default of the public cloud', () => {
    const credentials = {
      type: 'workloadIdentity',
      clientId: withIdentity.AZURE_CLIENT_ID,
      tenantId: withIdentity.AZURE_TENANT_ID,
      tokenFile: '/token',
      authorityHost: new URL('https://login.microsoftonline.com/'),
    };
    expect(readConfig(withIdentity).credentials).toEqual(credentials);
    expect(
      readConfig({ ...withIdentity, AZURE_AUTHORITY_HOST: 'https://login.chinacloudapi.cn/' }).credentials,
    ).toEqual({ ...credentials, authorityHost: new URL('https://login.chinacloudapi.cn/') });
  });

  it.each<[Environment, string]>([
    [
      {},
      'AZURE_STORAGE_ACCOUNT is not set; AZURE_STORAGE_CONTAINER is not set; AZURE_STORAGE_SERVICE_URL is not set; ',
    ],
    [
      { ...withKey, AZURE_STORAGE_SERVICE_URL: 'forexample' },
      'AZURE_STORAGE_SERVICE_URL is not an http or https URL',
    ],
    [account, 'there are no credentials: set AZURE_STORAGE_KEY, or '],
    [{ ...withIdentity, AZURE_CLIENT_ID: undefined }, 'there are no credentials: '],
    [{ ...withKey, AZURE_STORAGE_KEY: '' }, 'AZURE_STORAGE_KEY: the value is empty, '],
    [{ ...withKey, AZURE_STORAGE_KEY: 'canary-' }, 'AZURE_STORAGE_KEY: the value is not base64, '],
    [{ ...withIdentity, AZURE_CLIENT_ID: 'canary' }, 'AZURE_CLIENT_ID: the value is not a UUID, '],
    [{ ...withIdentity, AZURE_TENANT_ID: 'canary' }, 'AZURE_TENANT_ID: the value is not a UUID, '],
    [
      { ...withIdentity, AZURE_AUTHORITY_HOST: 'http://x' },
      'AZURE_AUTHORITY_HOST is not an https URL (was "http://x")',
    ],
    [
      { ...withIdentity, AZURE_STORAGE_SERVICE_URL: 'http://127.0.0.1/a' },
      'a workload identity needs an https AZURE_STORAGE_SERVICE_URL (was "http://127.0.0.1/a")',
    ],
  ])('refuses %j', (env, message) => {
    expect(messageOf(env)).toContain(`ConfigError: ${message}`);
    expect(messageOf(env)).not.toContain('canary');
  });
});
