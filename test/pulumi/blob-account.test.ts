import { describe, expect, it } from '@jest/globals';
import { BlobAccount, type BlobAccountArgs } from '../../lib/pulumi';
import { type EngineOptions, type Registered, runProgram } from './mock-engine';
import { identityAccountTypes, keyAccountTypes } from './resource-types';

const accountId =
  '/subscriptions/00000000-0000-4000-8000-000000000000/resourceGroups/images/providers/Microsoft.Storage/storageAccounts/forexample';

const minimal: BlobAccountArgs = {
  accountName: 'forexample',
  resourceGroupName: 'images',
  access: { type: 'accountKey' },
  container: 'dockerregistry',
};

const every: Required<BlobAccountArgs> = {
  ...minimal,
  container: 'dockerregistry',
  access: {
    type: 'workloadIdentity',
    issuer: 'https://issuer.example/tenant/',
    namespace: 'docker-cache',
    serviceAccount: 'docker-cache',
  },
  location: 'westeurope',
  sku: 'Standard_ZRS',
  allowedAddresses: ['203.0.113.0/24'],
  allowedSubnets: [
    '/subscriptions/1/resourceGroups/n/providers/Microsoft.Network/virtualNetworks/v/subnets/s',
  ],
  eviction: { days: 90, folders: ['dockerregistry/docker.io/docker/registry/v2/blobs/'] },
  tags: { team: 'platform' },
};

const engine: EngineOptions = {
  stack: 'azure',
  settings: {},
  outputs: {
    'azure-native:storage:StorageAccount': { name: 'forexample' },
    'azure-native:managedidentity:UserAssignedIdentity': {
      name: 'docker-cache-azure',
      principalId: 'the principal',
      clientId: 'the client',
      tenantId: 'the tenant',
    },
  },
  ids: {
    'azure-native:storage:StorageAccount': accountId,
    'azure-native:storage:BlobContainer': `${accountId}/blobServices/default/containers/dockerregistry`,
  },
  calls: { 'azure-native:storage:listStorageAccountKeys': { keys: [{ value: 'the key' }] } },
};

const keyed = (args: Partial<BlobAccountArgs> = {}) =>
  runProgram(engine, [...keyAccountTypes, 'azure-native:storage:ManagementPolicy'], () => {
    new BlobAccount('azure', { ...minimal, ...args });
  });

const federated = (args: Partial<BlobAccountArgs> = {}) =>
  runProgram(engine, [...identityAccountTypes, 'azure-native:storage:ManagementPolicy'], () => {
    new BlobAccount('azure', { ...every, ...args });
  });

const inputsOf = (registered: readonly Registered[]) =>
  Object.fromEntries(
    registered.map(({ type, name, inputs }) => [`${type.split(':')[2] ?? ''} ${name}`, inputs]),
  );

describe('BlobAccount', () => {
  it('makes a plain account that refuses http, old TLS and anonymous readers', async () => {
    const { registered } = await keyed();
    const inAccount = { accountName: 'forexample', resourceGroupName: 'images' };
    expect(inputsOf(registered)).toEqual({
      'BlobAccount azure': {},
      'StorageAccount azure': {
        ...inAccount,
        kind: 'StorageV2',
        sku: { name: 'Standard_LRS' },
        accessTier: 'Hot',
        minimumTlsVersion: 'TLS1_2',
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        allowSharedKeyAccess: true,
      },
      'BlobServiceProperties azure': {
        ...inAccount,
        blobServicesName: 'default',
        deleteRetentionPolicy: { enabled: false },
        containerDeleteRetentionPolicy: { enabled: false },
        isVersioningEnabled: false,
      },
      'BlobContainer azure': { ...inAccount, containerName: 'dockerregistry', publicAccess: 'None' },
    });
  });

  it('takes every option', async () => {
    const { registered } = await federated();
    const tags = { team: 'platform' };
    const container = `${accountId}/blobServices/default/containers/dockerregistry`;
    const role = (id: string) =>
      `/subscriptions/00000000-0000-4000-8000-000000000000/providers/Microsoft.Authorization/roleDefinitions/${id}`;
    const principal = { principalId: 'the principal', principalType: 'ServicePrincipal' };
    expect(inputsOf(registered)).toEqual({
      'BlobContainer azure': {
        accountName: 'forexample',
        resourceGroupName: 'images',
        containerName: 'dockerregistry',
        publicAccess: 'None',
      },
      'BlobAccount azure': {},
      'StorageAccount azure': {
        accountName: 'forexample',
        resourceGroupName: 'images',
        location: 'westeurope',
        kind: 'StorageV2',
        sku: { name: 'Standard_ZRS' },
        accessTier: 'Hot',
        minimumTlsVersion: 'TLS1_2',
        enableHttpsTrafficOnly: true,
        allowBlobPublicAccess: false,
        allowCrossTenantReplication: false,
        allowSharedKeyAccess: false,
        networkRuleSet: {
          defaultAction: 'Deny',
          bypass: 'None',
          ipRules: [{ iPAddressOrRange: '203.0.113.0/24' }],
          virtualNetworkRules: [{ virtualNetworkResourceId: every.allowedSubnets[0] }],
        },
        tags,
      },
      'BlobServiceProperties azure': {
        accountName: 'forexample',
        resourceGroupName: 'images',
        blobServicesName: 'default',
        deleteRetentionPolicy: { enabled: false },
        containerDeleteRetentionPolicy: { enabled: false },
        isVersioningEnabled: false,
        lastAccessTimeTrackingPolicy: { enable: true, name: 'AccessTimeTracking' },
      },
      'ManagementPolicy azure': {
        accountName: 'forexample',
        resourceGroupName: 'images',
        managementPolicyName: 'default',
        policy: {
          rules: [
            {
              name: 'evict-1',
              type: 'Lifecycle',
              enabled: true,
              definition: {
                filters: {
                  blobTypes: ['blockBlob'],
                  prefixMatch: ['dockerregistry/docker.io/docker/registry/v2/blobs/'],
                },
                actions: { baseBlob: { delete: { daysAfterLastAccessTimeGreaterThan: 90 } } },
              },
            },
          ],
        },
      },
      'UserAssignedIdentity azure': {
        resourceGroupName: 'images',
        location: 'westeurope',
        resourceName: 'docker-cache-azure',
        tags,
      },
      'FederatedIdentityCredential azure': {
        resourceGroupName: 'images',
        resourceName: 'docker-cache-azure',
        federatedIdentityCredentialResourceName: 'docker-cache',
        issuer: 'https://issuer.example/tenant/',
        subject: 'system:serviceaccount:docker-cache:docker-cache',
        audiences: ['api://AzureADTokenExchange'],
      },
      'RoleAssignment azure-blob-data-contributor': {
        ...principal,
        scope: container,
        roleDefinitionId: role('ba92f5b4-2d11-453d-a403-e96b0029c9fe'),
      },
      'RoleAssignment azure-blob-delegator': {
        ...principal,
        scope: accountId,
        roleDefinitionId: role('db58b8e5-c6ad-4a2a-8342-4190687cbf4a'),
      },
    });
  });

  it('is the parent of everything', async () => {
    const { registered } = await federated();
    const children = registered.filter(({ type }) => type.startsWith('azure-native:'));
    expect(children).toHaveLength(8);
    expect(new Set(children.map(({ parent }) => parent))).toEqual(
      new Set(['docker-cache:index:BlobAccount azure']),
    );
  });

  it('lets an identity use the whole account where it makes no container', async () => {
    const { registered } = await federated({ container: undefined });
    const { scope } = inputsOf(registered)['RoleAssignment azure-blob-data-contributor'] ?? {};
    expect(scope).toBe(accountId);
  });

  it('refuses other networks as soon as one is allowed', async () => {
    const { registered } = await keyed({ allowedAddresses: ['203.0.113.1'] });
    expect(inputsOf(registered)['StorageAccount azure']?.['networkRuleSet']).toEqual({
      defaultAction: 'Deny',
      bypass: 'None',
      ipRules: [{ iPAddressOrRange: '203.0.113.1' }],
      virtualNetworkRules: [],
    });
  });

  it('evicts folders by tens, as Azure takes no more in a rule, once reads are tracked', async () => {
    const folders = Array.from({ length: 11 }, (_, index) => `c/${index}/`);
    const { registered } = await keyed({ eviction: { days: 30, folders } });
    const policy = registered.find(({ type }) => type.endsWith(':ManagementPolicy'));
    const { rules } = policy?.inputs['policy'] as {
      rules: { definition: { filters: { prefixMatch: string[] } } }[];
    };
    expect(rules.map(({ definition }) => definition.filters.prefixMatch)).toEqual([
      folders.slice(0, 10),
      folders.slice(10),
    ]);
    expect(policy?.dependsOn).toContain('azure-native:storage:BlobServiceProperties azure');
  });

  it.each([
    [
      { accountName: 'For-Example' },
      'accountName is not a name that Azure accepts for a storage account (was "For-Example")',
    ],
    [{ container: 'a' }, 'container is not a name that Azure accepts for a blob container (was "a")'],
  ])('refuses %j before it makes anything in Azure', async (args, message) => {
    const { registered } = await runProgram(engine, keyAccountTypes, () => {
      expect(() => new BlobAccount('azure', { ...minimal, ...args })).toThrow(message);
    });
    expect(registered.filter(({ type }) => type.startsWith('azure-native:'))).toEqual([]);
  });
});
