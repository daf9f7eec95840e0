import { describe, expect, it } from '@jest/globals';
import { type Cluster, StorageBackend } from '../../lib';
import { clusterStack } from '../../lib/pulumi';
import azure from '../../stacks/clusters/azure';
import azureIdentity from '../../stacks/clusters/azure-identity';
import customRegistry from '../../stacks/clusters/custom-registry';
import filesystem from '../../stacks/clusters/filesystem';
import { CertificateAuthority } from '../support/certificates';
import { standInPrograms } from '../support/programs';
import { runProgram } from './mock-engine';
import { kubernetesTypes } from './resource-types';

interface Attempt {
  readonly cluster: Cluster;
  readonly settings: Readonly<Record<string, string>>;
  readonly clear?: readonly string[];
}

/** The lines that a stack is refused with; a test that gets here must register nothing. */
async function refusal({ cluster, settings, clear }: Attempt): Promise<readonly string[]> {
  let error: unknown;
  const { registered } = await runProgram({ stack: cluster.name, settings, clear }, kubernetesTypes, () =>
    clusterStack(cluster, { programs: standInPrograms, now: new Date() }).catch((reason: unknown) => {
      error = reason;
    }),
  );
  if (!(error instanceof Error)) throw new Error('the stack was not refused');
  expect(registered).toEqual([]);
  return error.message.split('\n');
}

const key = Buffer.alloc(64, 1).toString('base64');
const context = 'production';

describe('a stack is refused, with the setting and the command that mends it,', () => {
  it.each<[string, Attempt, readonly string[]]>([
    [
      'without a context, which may be that of another cluster',
      { cluster: filesystem, settings: {} },
      [
        'filesystem: context is missing, and the current context may be another cluster; set it: pulumi config set context NAME (kubectl config get-contexts lists them)',
      ],
    ],
    [
      'without the value of a Secret',
      { cluster: azure, settings: { context } },
      [
        'azure: azure-storage.accountKey is missing (the key of an Azure storage account); set it: pulumi config set --secret azure-storage.accountKey',
      ],
    ],
    [
      'with a key that is not base64',
      { cluster: azure, settings: { context, 'azure-storage.accountKey': 'not base64 at all' } },
      [
        'azure: azure-storage.accountKey is refused: the value is not base64; copy key1 as it is: az storage account keys list --account-name ACCOUNT --query [0].value -o tsv; then pulumi config set --secret azure-storage.accountKey',
      ],
    ],
    [
      'with a secret value in clear',
      {
        cluster: azure,
        settings: { context, 'azure-storage.accountKey': key },
        clear: ['azure-storage.accountKey'],
      },
      [
        "azure: azure-storage.accountKey stands in clear in the stack's file; take a new one and set it: pulumi config set --secret azure-storage.accountKey",
      ],
    ],
    [
      'with a kubeconfig in clear',
      {
        cluster: filesystem,
        settings: { kubeconfig: 'apiVersion: v1\nkind: Config' },
        clear: ['kubeconfig'],
      },
      [
        "filesystem: kubeconfig stands in clear in the stack's file; set its path alone, or the whole file with: pulumi config set --secret kubeconfig < FILE",
      ],
    ],
    [
      'with a setting that nothing reads',
      { cluster: filesystem, settings: { context, 'azure-storge.accountKey': key } },
      [
        'filesystem: azure-storge.accountKey is not a setting of this cluster; remove it: pulumi config rm azure-storge.accountKey (there are kubeconfig, context, takeOver, azure, existingSecrets)',
      ],
    ],
    [
      'with a takeOver that is neither true nor false',
      { cluster: filesystem, settings: { context, takeOver: 'yes' } },
      [
        'filesystem: takeOver is neither true nor false; set it to true for one pulumi up, then remove it: pulumi config rm takeOver',
      ],
    ],
    [
      'with an Azure account for a cluster that needs none',
      { cluster: filesystem, settings: { context, azure: '{"resourceGroup":"images"}' } },
      [
        'filesystem: azure is set, and the cluster keeps no images in Azure; remove it: pulumi config rm azure',
      ],
    ],
    [
      'with others keeping a Secret that the cluster does not read',
      {
        cluster: azure,
        settings: { context, 'azure-storage.accountKey': key, existingSecrets: '["azure"]' },
      },
      ['azure: existingSecrets names "azure", which the cluster does not read; it reads azure-storage'],
    ],
    [
      'with others keeping Secrets where a cluster has none',
      { cluster: customRegistry, settings: { context, existingSecrets: '["azure"]' } },
      [
        'custom-registry: existingSecrets names "azure", which the cluster does not read; remove it: pulumi config rm existingSecrets',
      ],
    ],
    [
      'with a list that is none',
      { cluster: filesystem, settings: { context, existingSecrets: 'cache-tls' } },
      [
        "filesystem: existingSecrets is not a list of names; set one at a time: pulumi config set --path 'existingSecrets[0]' NAME",
      ],
    ],
    [
      'with a new account whose cluster nobody vouches for',
      {
        cluster: azureIdentity,
        settings: {
          context,
          azure: '{"resourceGroup":"images"}',
          existingSecrets: '["docker-hub","cache-users","cache-tls","cache-ca","cache-login"]',
        },
      },
      [
        "azure-identity: azure.issuer is missing, so Azure would not believe the cache's ServiceAccount; set it: pulumi config set --path azure.issuer URL (az aks show … --query oidcIssuerProfile.issuerUrl)",
      ],
    ],
  ])('%s', async (_, attempt, lines) => {
    expect(await refusal(attempt)).toEqual(lines);
  });

  it('with everything that is wrong at once', async () => {
    const other = new CertificateAuthority().issue('other.example.com');
    const lines = await refusal({
      cluster: azureIdentity,
      settings: {
        'azure-identity.clientId': 'me',
        'azure-identity.tenantId': '22222222-2222-4222-8222-222222222222',
        'docker-hub.username': 'robot:secret-word',
        'docker-hub.password': 'secret-word\n',
        'cache-users.htpasswd': 'node:$apr1$secret-word\n',
        'cache-tls.certificate': other.cert,
        'cache-tls.privateKey': other.key,
        'cache-ca.certificate': 'secret-word',
        'cache-login.username': 'node',
        azure: '"secret-word"',
      },
    });
    expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
      'azure-identity: context is',
      'azure-identity: azure is',
      'azure-identity: azure-identity.clientId is',
      'azure-identity: docker-hub.password is',
      'azure-identity: docker-hub.username is',
      'azure-identity: cache-users.htpasswd is',
      'azure-identity: cache-tls.certificate is',
      'azure-identity: cache-ca.certificate is',
      'azure-identity: cache-login.password is',
    ]);
    expect(lines.join('\n')).not.toContain('secret-word');
    expect(lines[5]).toContain('line 1: the hash is not a whole bcrypt hash');
    expect(lines[6]).toContain('the certificate is not for cache.example.com');
  });

  it('with data of the cluster that Azure would refuse, before its settings are read', async () => {
    const wrong = StorageBackend.azureBlob({ ...azure.cache.storage.azure!, accountName: 'For-Example' });
    expect(await refusal({ cluster: { ...azure, cache: { storage: wrong } }, settings: {} })).toEqual([
      expect.stringMatching(
        /^azure: cache\.storage\.accountName is not a name that Azure accepts .*"For-Example"/,
      ),
    ]);
  });
});

describe('the azure setting', () => {
  const wrong = async (value: unknown) => {
    const settings = { context, 'azure-storage.accountKey': key, azure: JSON.stringify(value) };
    const lines = await refusal({ cluster: azure, settings });
    return lines.map((line) => line.replace('azure: ', '').replace(/;.*/, ''));
  };

  it.each<[string, unknown, string]>([
    ['no resource group', {}, 'azure.resourceGroup is not a string'],
    [
      'the id of a group',
      { resourceGroup: '/subscriptions/1' },
      'azure.resourceGroup is not the name of a resource group that exists',
    ],
    [
      'http',
      { resourceGroup: 'images', issuer: 'http://issuer' },
      "azure.issuer is not the URL of the cluster's OIDC issuer, https",
    ],
    [
      'a network too small',
      { resourceGroup: 'images', allowedAddresses: ['1.2.3.4', '1.2.3.4/32'] },
      'azure.allowedAddresses[1] is not a public IPv4 address, or a network up to /30',
    ],
    [
      'the name of a subnet',
      { resourceGroup: 'images', allowedSubnets: ['nodes'] },
      'azure.allowedSubnets[0] is not the id of a subnet',
    ],
    ['no days', { resourceGroup: 'images', evictAfterDays: 0 }, 'azure.evictAfterDays is not 1 or more'],
    [
      'another sku',
      { resourceGroup: 'images', sku: 'Premium_LRS' },
      'azure.sku is not one of Standard_LRS, Standard_ZRS',
    ],
    [
      'another wish',
      { resourceGroup: 'images', onDestroy: 'keep' },
      'azure.onDestroy is not one of delete, retain, protect',
    ],
    ['a misspelt name', { resourceGroup: 'images', isuer: 'x' }, 'azure.isuer is not a setting'],
  ])('refuses %s', async (_, value, line) => {
    expect(await wrong(value)).toEqual([line]);
  });
});
