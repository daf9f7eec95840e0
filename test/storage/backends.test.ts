import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { AuthSecret, type CacheCluster, FrontTier, StorageBackend } from '../../lib';
import { type KubernetesObject, objectsOf, only } from '../support/objects';

const cached = (storage: StorageBackend): CacheCluster => ({
  name: 'test',
  cache: { storage, frontTier: FrontTier.none() },
});
const podOf = (objects: readonly KubernetesObject[]) => only(objects, 'Deployment')['spec'].template;
const storageOf = (objects: readonly KubernetesObject[]) =>
  parse(only(objects, 'ConfigMap')['data']['config.yml']).storage;
const levelOf = (objects: readonly KubernetesObject[]) =>
  only(objects, 'Namespace').metadata.labels['pod-security.kubernetes.io/enforce'];

describe('hostPath', () => {
  const objects = objectsOf(cached(StorageBackend.hostPath({ node: 'node-1', path: '/data/images' })));
  const name = 'docker-cache.node-1.data.images.docker-io';

  it('is a volume of one node and folder, named after both, that outlives its claim', () => {
    const volume = only(objects, 'PersistentVolume');
    expect(volume.metadata).toMatchObject({ name });
    expect(volume.metadata.namespace).toBeUndefined();
    expect(volume['spec']).toMatchObject({
      hostPath: { path: '/data/images/docker.io', type: 'DirectoryOrCreate' },
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: '',
      claimRef: { kind: 'PersistentVolumeClaim', name, namespace: 'docker-cache' },
    });
    expect(volume['spec'].nodeAffinity.required.nodeSelectorTerms[0].matchExpressions).toEqual([
      { key: 'kubernetes.io/hostname', operator: 'In', values: ['node-1'] },
    ]);
  });

  it('is claimed by the Pod, whatever other volumes there are', () => {
    expect(only(objects, 'PersistentVolumeClaim')['spec']).toMatchObject({
      volumeName: name,
      storageClassName: '',
    });
    expect(podOf(objects).spec.volumes).toContainEqual({
      name: 'storage',
      persistentVolumeClaim: { claimName: name },
    });
    expect(storageOf(objects).filesystem).toEqual({ rootdirectory: '/var/lib/registry' });
  });

  it('is made writable by a root without capabilities, in a namespace that admits it', () => {
    const [init] = podOf(objects).spec.initContainers;
    expect(init.securityContext).toMatchObject({ runAsUser: 0, capabilities: { drop: ['ALL'] } });
    expect(init.command[2]).toContain('chgrp 65532 /var/lib/registry && chmod 2770 /var/lib/registry');
    expect(levelOf(objects)).toBe('baseline');
  });

  it('is only checked when it is prepared, and nothing runs as root then', () => {
    const prepared = objectsOf(cached(StorageBackend.hostPath({ node: 'node-1', prepared: true })));
    const [init] = podOf(prepared).spec.initContainers;
    expect(init.name).toBe('check-folder');
    expect(init.securityContext.runAsUser).toBeUndefined();
    expect(init.command[2]).toContain("chgrp 65532 '/var/lib/registry/docker.io'");
    expect(levelOf(prepared)).toBe('restricted');
    expect(only(prepared, 'PersistentVolume')['spec'].hostPath.type).toBe('Directory');
  });

  it('may be on a control plane', () => {
    expect(podOf(objects).spec.tolerations.map(({ key }: { key: string }) => key)).toEqual([
      'node-role.kubernetes.io/control-plane',
      'node-role.kubernetes.io/master',
    ]);
  });
});

describe('azureBlob', () => {
  const identity = {
    type: 'workloadIdentity',
    secret: AuthSecret.azureIdentity('azure-identity', { clientId: 'id', tenantId: 'tenant' }),
    annotateClientId: '11111111-2222-3333-4444-555555555555',
  } as const;

  it('acts as a federated identity without any key', () => {
    const objects = objectsOf(
      cached(StorageBackend.azureBlob({ accountName: 'forexample', credentials: identity })),
    );
    const { spec, metadata } = podOf(objects);
    expect(storageOf(objects).azure.credentials).toEqual({ type: 'default_credentials' });
    expect(metadata.labels['azure.workload.identity/use']).toBe('true');
    expect(only(objects, 'ServiceAccount').metadata['annotations' as never]).toEqual({
      'azure.workload.identity/client-id': identity.annotateClientId,
    });
    for (const container of [...spec.initContainers, ...spec.containers]) {
      expect(container.env).toEqual(
        expect.arrayContaining([
          { name: 'AZURE_CLIENT_ID', valueFrom: { secretKeyRef: { name: 'azure-identity', key: 'id' } } },
          { name: 'AZURE_TENANT_ID', valueFrom: { secretKeyRef: { name: 'azure-identity', key: 'tenant' } } },
          {
            name: 'AZURE_FEDERATED_TOKEN_FILE',
            value: '/var/run/secrets/azure/tokens/azure-identity-token',
          },
        ]),
      );
      expect(container.volumeMounts).toContainEqual(
        expect.objectContaining({ mountPath: '/var/run/secrets/azure/tokens', readOnly: true }),
      );
    }
    expect(JSON.stringify(objects)).not.toContain('ACCOUNTKEY');
  });

  it('makes its container first, unless told not to', () => {
    const account = {
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    } as const;
    const objects = objectsOf(cached(StorageBackend.azureBlob({ ...account, container: 'images' })));
    const [init] = podOf(objects).spec.initContainers;
    expect(init.command).toEqual(['node', '/etc/docker-cache/create-container.cjs']);
    expect(init.env).toEqual([
      { name: 'AZURE_STORAGE_ACCOUNT', value: 'forexample' },
      { name: 'AZURE_STORAGE_CONTAINER', value: 'images' },
      { name: 'AZURE_STORAGE_SERVICE_URL', value: 'https://forexample.blob.core.windows.net' },
      {
        name: 'AZURE_STORAGE_KEY',
        valueFrom: { secretKeyRef: { name: 'azure-storage', key: 'accountKey' } },
      },
    ]);
    expect(only(objects, 'ConfigMap')['data']).toHaveProperty(['create-container.cjs']);
    const without = objectsOf(cached(StorageBackend.azureBlob({ ...account, createContainer: false })));
    expect(podOf(without).spec.initContainers).toEqual([]);
    expect(only(without, 'ConfigMap')['data']).not.toHaveProperty(['create-container.cjs']);
  });

  it.each([
    [{ realm: 'core.chinacloudapi.cn' }, 'https://forexample.blob.core.chinacloudapi.cn', 443],
    [{ serviceUrl: 'http://azurite:10000/forexample' }, 'http://azurite:10000/forexample', 10000],
  ])('is reached elsewhere with %j', (elsewhere, url, port) => {
    const objects = objectsOf(
      cached(
        StorageBackend.azureBlob({
          accountName: 'forexample',
          credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
          ...elsewhere,
        }),
      ),
    );
    expect(podOf(objects).spec.initContainers[0].env).toContainEqual({
      name: 'AZURE_STORAGE_SERVICE_URL',
      value: url,
    });
    const { realm, serviceUrl } = elsewhere as { realm?: string; serviceUrl?: string };
    expect(storageOf(objects).azure).toMatchObject({
      ...(realm === undefined ? {} : { realm }),
      ...(serviceUrl === undefined ? {} : { serviceurl: serviceUrl }),
    });
    expect(only(objects, 'NetworkPolicy')['spec'].egress[1].ports).toContainEqual({ port, protocol: 'TCP' });
  });
});

describe('persistentVolumeClaim', () => {
  it('makes a claim for the upstream', () => {
    const objects = objectsOf(
      cached(StorageBackend.persistentVolumeClaim({ size: '200Gi', storageClassName: 'fast' })),
    );
    expect(only(objects, 'PersistentVolumeClaim')).toMatchObject({
      metadata: { name: 'docker-cache-docker-io', namespace: 'docker-cache' },
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'fast',
        resources: { requests: { storage: '200Gi' } },
      },
    });
    expect(only(objects, 'Deployment')['spec'].strategy.type).toBe('Recreate');
    expect(storageOf(objects).filesystem).toEqual({ rootdirectory: '/var/lib/registry/docker.io' });
  });

  it('uses a claim that exists, and several Pods may when it lets them', () => {
    const storage = StorageBackend.persistentVolumeClaim({
      claimName: 'images',
      accessMode: 'ReadWriteMany',
    });
    const objects = objectsOf({ name: 'test', cache: { storage, replicas: 2, frontTier: FrontTier.none() } });
    expect(objects.some(({ kind }) => kind === 'PersistentVolumeClaim')).toBe(false);
    expect(podOf(objects).spec.volumes).toContainEqual({
      name: 'storage',
      persistentVolumeClaim: { claimName: 'images' },
    });
    expect(only(objects, 'Deployment')['spec'].strategy.type).toBe('RollingUpdate');
    expect(levelOf(objects)).toBe('restricted');
  });
});
