import { describe, expect, it } from '@jest/globals';
import { AuthSecret, type Cluster, clusterApp, StorageBackend, Upstream } from '../../lib';
import { clusterStack } from '../../lib/pulumi';
import azure from '../../stacks/clusters/azure';
import azureIdentity from '../../stacks/clusters/azure-identity';
import { CertificateAuthority } from '../support/certificates';
import { exampleClusters } from '../support/example-clusters';
import { standInPrograms } from '../support/programs';
import { type EngineOptions, type Registered, runProgram, UNKNOWN } from './mock-engine';
import { identityAccountTypes, keyAccountTypes, kubernetesTypes } from './resource-types';

const programs = standInPrograms;
const now = new Date();

const authority = new CertificateAuthority();
const server = authority.issue('cache.example.com');
const hash = `$2y$05$${'c4n4ry'.repeat(9)}`.slice(0, 60);
const accountKey = Buffer.alloc(64, 'account-key-canary').toString('base64');
const password = (of: string) => `${of}-password-canary`;

/** Values for every Secret that an example or a test below reads. */
const values: Readonly<Record<string, string>> = {
  'azure-storage.accountKey': accountKey,
  'azure-identity.clientId': '11111111-1111-4111-8111-111111111111',
  'azure-identity.tenantId': '22222222-2222-4222-8222-222222222222',
  'docker-hub.username': 'hub-user',
  'docker-hub.password': password('hub'),
  'cache-users.htpasswd': `node:${hash}\n`,
  'cache-tls.certificate': server.cert,
  'cache-tls.privateKey': server.key,
  'cache-ca.certificate': authority.cert,
  'cache-login.username': 'node',
  'cache-login.password': password('node'),
};

/** The settings that hold the values of these Secrets. */
function settingsOf(...secrets: readonly string[]): Record<string, string> {
  const entries = Object.entries(values).filter(([setting]) => secrets.includes(setting.split('.')[0] ?? ''));
  return Object.fromEntries([...entries, ['context', 'production']]);
}

const secretsOf: Readonly<Record<string, readonly string[]>> = {
  azure: ['azure-storage'],
  'azure-identity': ['azure-identity', 'docker-hub', 'cache-users', 'cache-tls', 'cache-ca', 'cache-login'],
};

function apply(cluster: Cluster, options: Partial<EngineOptions> = {}, types: readonly string[] = []) {
  const settings = settingsOf(...(secretsOf[cluster.name] ?? []));
  return runProgram({ stack: cluster.name, settings, ...options }, [...kubernetesTypes, ...types], () =>
    clusterStack(cluster, { programs, now }),
  );
}

const ups = new Map<Cluster, ReturnType<typeof apply>>();

/** What one `up` of an example registers; it is run once for all tests that look at it. */
function up(cluster: Cluster): ReturnType<typeof apply> {
  const run = ups.get(cluster) ?? apply(cluster);
  ups.set(cluster, run);
  return run;
}

const withoutPulumi = ({ inputs }: Registered) => {
  const { 'pulumi.com/skipAwait': skipAwait, ...annotations } = inputs['metadata'].annotations ?? {};
  if (skipAwait === undefined) return inputs;
  const metadata = { ...inputs['metadata'] };
  delete metadata.annotations;
  return {
    ...inputs,
    metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) },
  };
};

const isObject = ({ type }: Registered) => type.startsWith('kubernetes:');
const isSecret = ({ type }: Registered) => type === 'kubernetes:core/v1:Secret';
const id = ({ type, name }: Registered) => `${type} ${name}`;
const sorted = (items: readonly unknown[]) => items.map((item) => JSON.stringify(item)).sort();
const canonical = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(canonical)
    : typeof value === 'object' && value !== null
      ? Object.fromEntries(
          Object.entries(value)
            .sort()
            .map(([key, inner]) => [key, canonical(inner)]),
        )
      : value;

describe.each(exampleClusters.map((cluster) => [cluster.name, cluster] as const))('%s', (name, cluster) => {
  const synthesized = () =>
    clusterApp(cluster, { programs }).charts.flatMap((chart) => chart.toJson() as unknown[]);

  it.each([
    ['up', false],
    ['preview', true],
  ])('on %s registers what cdk8s writes, and nothing else but Secrets', async (_, preview) => {
    const { registered } = await apply(cluster, { preview });
    const objects = registered.filter(isObject).filter((resource) => !isSecret(resource));
    expect(sorted(objects.map((object) => canonical(withoutPulumi(object))))).toEqual(
      sorted(synthesized().map(canonical)),
    );
  });

  it('makes every Secret that an object refers to, with the keys that it refers to, and no other', async () => {
    const { registered } = await up(cluster);
    const made = registered
      .filter(isSecret)
      .flatMap(({ inputs }) =>
        Object.keys(inputs['data'].secret).map(
          (key) => `${inputs['metadata'].namespace}/${inputs['metadata'].name}/${key}`,
        ),
      );
    expect([...new Set(made)].sort()).toEqual([...new Set(synthesized().flatMap(referredKeys))].sort());
  });

  it('gives every object a readable name, one parent and the provider of this cluster', async () => {
    const { registered } = await up(cluster);
    for (const object of registered.filter(isObject)) {
      const { kind, metadata } = object.inputs as { kind: string; metadata: Record<string, string> };
      const place = metadata['namespace'] === undefined ? [] : [metadata['namespace']];
      expect(object).toMatchObject({
        name: [name, kind, ...place, metadata['name']].join('/'),
        parent: `docker-cache:index:AppliedObjects ${name}`,
        provider: `pulumi:providers:kubernetes ${name}`,
      });
    }
  });

  it('makes a namespace before what is in it, what Pods are made of before them, and agents last', async () => {
    const { registered } = await up(cluster);
    const parts = ['ConfigMap', 'NetworkPolicy', 'Secret', 'ServiceAccount'];
    const objects = registered.filter(isObject);
    for (const object of objects) {
      const { kind, metadata } = object.inputs as { kind: string; metadata: Record<string, string> };
      const before = objects.filter(({ inputs }) => {
        if (kind === 'DaemonSet') return inputs['kind'] !== 'DaemonSet';
        if (inputs['kind'] === 'Namespace') return inputs['metadata'].name === metadata['namespace'];
        const isPart =
          parts.includes(inputs['kind']) && inputs['metadata'].namespace === metadata['namespace'];
        return kind === 'Deployment' && isPart;
      });
      expect(object.dependsOn).toEqual(before.map(id).sort());
    }
  });
});

/** What refers to a Secret, in a variable or in a volume. */
interface Reference {
  readonly secretKeyRef?: { readonly name: string; readonly key: string };
  readonly secretName?: string;
  readonly items?: readonly { readonly key: string }[];
}

/** `namespace/Secret/key` of everything that an object reads from Secrets. */
function referredKeys(object: unknown): string[] {
  const { namespace } = (object as { metadata: { namespace?: string } }).metadata;
  const found: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const { secretKeyRef: ref, secretName, items } = value as Reference;
    if (ref !== undefined) found.push(`${namespace ?? ''}/${ref.name}/${ref.key}`);
    if (secretName !== undefined) {
      for (const { key } of items ?? []) found.push(`${namespace ?? ''}/${secretName}/${key}`);
    }
    Object.values(value).forEach(walk);
  };
  walk(object);
  return found;
}

describe('the values of Secrets', () => {
  const canaries = {
    'the account key': accountKey,
    'a hash of a user': hash,
    "the upstream's password": password('hub'),
    "the nodes' password": password('node'),
    'a private key': server.key.split('\n')[1] ?? '',
  };
  const base64OfPart = (text: string) =>
    // A value in base64 looks different at each of three offsets; the whole value is looked for as well.
    [0, 1, 2].map((offset) => Buffer.from(text.slice(offset)).toString('base64').slice(0, -4));
  const texts = (canary: string) => [canary, ...base64OfPart(canary)];
  const holds = (value: unknown, canary: string) =>
    texts(canary).some((text) => JSON.stringify(value).includes(text));

  it.each(Object.entries(canaries))('have %s in one resource, marked as secret', async (_, canary) => {
    const both = [await up(azure), await up(azureIdentity)].flatMap(({ registered }) => registered);
    const holders = both.filter(({ inputs }) => holds(inputs, canary));
    expect(holders.map(({ type }) => type)).toEqual(['kubernetes:core/v1:Secret']);
    const { data, ...rest } = holders[0]!.inputs;
    expect(Object.keys(data)).toEqual(['secret']);
    expect(holds(rest, canary)).toBe(false);
  });

  it('are in no output of the stack', async () => {
    const { result } = await up(azureIdentity);
    for (const canary of Object.values(canaries)) expect(holds(result, canary)).toBe(false);
  });

  it('are written as they are, in base64', async () => {
    const { registered } = await up(azureIdentity);
    const secret = registered.find(({ name }) => name.endsWith('/docker-cache/cache-users'));
    expect(secret?.inputs['data']).toEqual({
      secret: { htpasswd: Buffer.from(`node:${hash}\n`).toString('base64') },
    });
  });

  it('become one Secret where two kinds share a name, and one in each namespace', async () => {
    const shared = 'corporate';
    const cluster: Cluster = {
      ...azureIdentity,
      name: 'shared',
      cache: {
        ...azureIdentity.cache,
        storage: StorageBackend.persistentVolumeClaim({ claimName: 'images', accessMode: 'ReadWriteMany' }),
        upstreams: [Upstream.quay({ ca: AuthSecret.ca(shared), credentials: AuthSecret.login(shared) })],
      },
      nodes: { ...azureIdentity.nodes, ca: AuthSecret.ca(shared) },
    };
    const { registered } = await apply(cluster, {
      settings: {
        ...settingsOf('cache-users', 'cache-tls', 'cache-login'),
        'corporate.certificate': authority.cert,
        'corporate.username': 'robot',
        'corporate.password': password('hub'),
      },
    });
    const secrets = registered.filter(isSecret).filter(({ name }) => name.endsWith(`/${shared}`));
    expect(secrets.map(({ name }) => name)).toEqual([
      'shared/Secret/docker-cache/corporate',
      'shared/Secret/docker-cache-nodes/corporate',
    ]);
    expect(secrets.map(({ inputs }) => Object.keys(inputs['data'].secret).sort())).toEqual([
      ['ca.crt', 'password', 'username'],
      ['ca.crt'],
    ]);
  });

  it('are not asked for where others keep the Secret', async () => {
    const { registered } = await apply(azure, {
      settings: { context: 'production', existingSecrets: '["azure-storage"]' },
    });
    expect(registered.filter(isSecret)).toEqual([]);
  });
});

describe('a storage account that the stack makes', () => {
  const settings = { context: 'production', azure: '{"resourceGroup":"images"}' };
  const calls = {
    'azure-native:storage:listStorageAccountKeys': { keys: [{ value: accountKey }, { value: 'the second' }] },
  };
  const outputs = {
    'azure-native:storage:StorageAccount': { id: '/subscriptions/s/…', name: 'forexample' },
    'azure-native:managedidentity:UserAssignedIdentity': {
      name: 'docker-cache-azure-identity',
      clientId: 'the client',
      tenantId: 'the tenant',
      principalId: 'the principal',
    },
  };

  it('has its first key in the Secret, and is there before a Pod starts', async () => {
    const { registered, result } = await apply(azure, { settings, calls, outputs }, keyAccountTypes);
    const secret = registered.find(isSecret);
    expect(secret?.inputs['data']).toEqual({
      secret: { accountKey: Buffer.from(accountKey).toString('base64') },
    });
    const deployment = registered.find(({ type }) => type.endsWith(':Deployment'));
    expect(deployment?.dependsOn).toEqual(
      expect.arrayContaining([
        'azure-native:storage:StorageAccount azure',
        'azure-native:storage:BlobContainer azure',
        'kubernetes:core/v1:Secret azure/Secret/docker-cache/azure-storage',
      ]),
    );
    expect(result).toEqual({
      endpoints: { 'docker.io': 'http://NODE:30500' },
      nodePorts: { 'docker.io': 30500 },
      azure: { account: 'forexample', container: 'dockerregistry', resourceGroup: 'images' },
    });
  });

  it('leaves nothing unknown in the first preview but what is in the Secret', async () => {
    const { registered } = await apply(azure, { settings, preview: true }, keyAccountTypes);
    const objects = registered.filter(isObject);
    const { registered: onUp } = await apply(azure, { settings, calls }, keyAccountTypes);
    expect(objects.map(id).sort()).toEqual(onUp.filter(isObject).map(id).sort());
    expect(
      objects.filter(({ inputs }) => JSON.stringify(inputs).includes(UNKNOWN)).map(({ name }) => name),
    ).toEqual(['azure/Secret/docker-cache/azure-storage']);
    expect(objects.find(isSecret)?.inputs['metadata']).toEqual({
      name: 'azure-storage',
      namespace: 'docker-cache',
    });
  });

  it('has the ids of its identity in the Secret, and no key anywhere', async () => {
    const azureSetting = JSON.stringify({ resourceGroup: 'images', issuer: 'https://issuer.example/' });
    const { registered } = await apply(
      azureIdentity,
      {
        settings: {
          ...settingsOf('docker-hub', 'cache-users', 'cache-tls', 'cache-ca', 'cache-login'),
          azure: azureSetting,
        },
        outputs,
      },
      identityAccountTypes,
    );
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    expect(registered.find(({ name }) => name.endsWith('/azure-identity'))?.inputs['data']).toEqual({
      secret: { clientId: base64('the client'), tenantId: base64('the tenant') },
    });
    expect(
      registered.find(({ type }) => type.endsWith(':FederatedIdentityCredential'))?.inputs,
    ).toMatchObject({
      issuer: 'https://issuer.example/',
      subject: 'system:serviceaccount:docker-cache:docker-cache',
    });
  });

  it('evicts below the folder of each upstream', async () => {
    const azureSetting = JSON.stringify({ resourceGroup: 'images', evictAfterDays: 90 });
    const { registered } = await apply(
      { ...azure, cache: { ...azure.cache, upstreams: [Upstream.quay()] } },
      { settings: { ...settings, azure: azureSetting }, calls },
      [...keyAccountTypes, 'azure-native:storage:ManagementPolicy'],
    );
    expect(
      JSON.stringify(registered.find(({ type }) => type.endsWith(':ManagementPolicy'))?.inputs),
    ).toContain('"dockerregistry/quay.io/docker/registry/v2/blobs/"');
  });

  it('makes no container that the cluster does not want', async () => {
    const storage = StorageBackend.azureBlob({ ...azure.cache.storage.azure!, createContainer: false });
    const { registered } = await apply(
      { ...azure, cache: { storage } },
      { settings, calls },
      keyAccountTypes,
    );
    expect(registered.filter(({ type }) => type.endsWith(':BlobContainer'))).toEqual([]);
  });

  it.each([
    ['delete', false, false],
    ['retain', false, true],
    ['protect', true, false],
  ])('with onDestroy %s', async (onDestroy, protect, retainOnDelete) => {
    const { registered } = await apply(
      azure,
      { settings: { ...settings, azure: JSON.stringify({ resourceGroup: 'images', onDestroy }) }, calls },
      keyAccountTypes,
    );
    for (const resource of registered.filter(({ type }) => type.startsWith('azure-native:'))) {
      expect(resource).toMatchObject({ protect, retainOnDelete });
    }
  });
});

describe('the provider', () => {
  const providerOf = async (settings: Record<string, string>, clear: readonly string[] = []) => {
    const { registered } = await apply(
      exampleClusters.find(({ name }) => name === 'filesystem')!,
      {
        settings,
        clear,
      },
    );
    return registered.find(({ type }) => type === 'pulumi:providers:kubernetes')?.inputs;
  };

  it('changes ConfigMaps and Secrets in place, and refuses objects that others applied', async () => {
    expect(await providerOf({ context: 'production' })).toEqual({
      context: 'production',
      enableServerSideApply: 'true',
      enableConfigMapMutable: 'true',
      enableSecretMutable: 'true',
      upsertExistingObjects: 'false',
      enablePatchForce: 'false',
    });
  });

  it('takes such objects over when it is told to', async () => {
    expect(await providerOf({ context: 'production', takeOver: 'true' })).toMatchObject({
      upsertExistingObjects: 'true',
      enablePatchForce: 'true',
    });
  });

  it('gets a kubeconfig as a secret', async () => {
    expect(await providerOf({ kubeconfig: 'apiVersion: v1\nkind: Config\n' })).toMatchObject({
      kubeconfig: { secret: 'apiVersion: v1\nkind: Config\n' },
    });
  });

  it('may get the path of one in clear', async () => {
    expect(await providerOf({ kubeconfig: '/etc/kubeconfig' }, ['kubeconfig'])).toMatchObject({
      kubeconfig: { secret: '/etc/kubeconfig' },
    });
  });
});

describe('the configurator', () => {
  it.each([
    ['apply', true],
    ['plan', true],
    ['restore', false],
  ] as const)('in mode %s is protected: %s', async (mode, protect) => {
    const { registered } = await apply({ ...azure, nodes: { ...azure.nodes, mode } });
    const daemonSets = registered.filter(({ type }) => type.endsWith(':DaemonSet'));
    expect(daemonSets.map((daemonSet) => daemonSet.protect)).toEqual([protect]);
    expect(registered.filter((resource) => resource.protect)).toEqual(protect ? daemonSets : []);
  });

  it('does not wait for the cache when it restores, which may be what is broken', async () => {
    const { registered } = await apply({ ...azure, nodes: { ...azure.nodes, mode: 'restore' } });
    const daemonSet = registered.find(({ type }) => type.endsWith(':DaemonSet'));
    expect(daemonSet?.dependsOn).toEqual([
      'kubernetes:core/v1:ConfigMap azure/ConfigMap/docker-cache-nodes/docker-cache-nodes',
      'kubernetes:core/v1:Namespace azure/Namespace/docker-cache-nodes',
    ]);
  });

  it('is not waited for, for one dead node must not fail an up', async () => {
    const { registered } = await up(azure);
    expect(
      registered.find(({ type }) => type.endsWith(':DaemonSet'))?.inputs['metadata'].annotations,
    ).toEqual({
      'pulumi.com/skipAwait': 'true',
    });
  });

  it('reads no Secret any more when it restores', async () => {
    const { registered } = await apply(
      { ...azureIdentity, nodes: { ...azureIdentity.nodes, mode: 'restore' } },
      { settings: settingsOf('azure-identity', 'docker-hub', 'cache-users', 'cache-tls') },
    );
    const names = registered.filter(isSecret).map(({ name }) => name);
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => name.includes('docker-cache-nodes'))).toEqual([]);
  });
});

describe('the outputs', () => {
  it('tell the host that nodes ask, and the ports', async () => {
    expect((await up(azureIdentity)).result).toEqual({
      endpoints: {
        'docker.io': 'https://cache.example.com:30500',
        'mcr.microsoft.com': 'https://cache.example.com:30501',
        'quay.io': 'https://cache.example.com:30502',
      },
      nodePorts: { 'docker.io': 30500, 'mcr.microsoft.com': 30501, 'quay.io': 30502 },
      azure: { account: 'forexample', container: 'dockerregistry', resourceGroup: undefined },
    });
  });

  it('tell where the mirrors of others are', async () => {
    const cluster = exampleClusters.find(({ name }) => name === 'custom-registry')!;
    expect((await up(cluster)).result).toEqual({ endpoints: { 'docker.io': 'http://10.0.0.5:5000' } });
  });
});
