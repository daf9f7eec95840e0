import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  Access,
  AuthSecret,
  type CacheCluster,
  FrontTier,
  type ImageCacheOptions,
  StorageBackend,
  Upstream,
} from '../lib';
import { type KubernetesObject, objectsOf, only } from './support/objects';

const hostPath = StorageBackend.hostPath({ node: 'node-1' });
const azureBlob = StorageBackend.azureBlob({
  accountName: 'forexample',
  credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
});

const cached = (cache: Partial<ImageCacheOptions> = {}): CacheCluster => ({
  name: 'test',
  cache: { storage: hostPath, frontTier: FrontTier.none(), ...cache },
});

const podOf = (objects: readonly KubernetesObject[]) => only(objects, 'Deployment')['spec'].template;
const registryOf = (objects: readonly KubernetesObject[]) => podOf(objects).spec.containers[0];
const configOf = (objects: readonly KubernetesObject[]) => only(objects, 'ConfigMap')['data'];

/** Every option of a cache: a new one does not compile until it is here, and must be looked at below. */
const everything: Required<ImageCacheOptions> = {
  storage: azureBlob,
  upstreams: [
    Upstream.registry({
      host: 'registry.example.com:5000',
      url: 'https://registry.internal:5000',
      nodePort: 31500,
      credentials: AuthSecret.login('upstream-login', { username: 'user', password: 'token' }),
      proxy: { httpsProxy: 'http://proxy.example.com:3128', noProxy: ['.internal', '10.0.0.0/8'] },
      ca: AuthSecret.ca('corporate-ca', { certificate: 'bundle.pem' }),
    }),
  ],
  access: Access.htpasswd({
    users: AuthSecret.htpasswd('cache-users', { htpasswd: 'users' }),
    tls: AuthSecret.tls('cache-tls'),
  }),
  frontTier: FrontTier.none(),
  replicas: 3,
  image: 'registry.k8s.io/distribution:3.1.3@sha256:' + 'a'.repeat(64),
  programImage: 'registry.k8s.io/node:22',
  ttl: '0s',
  service: { type: 'LoadBalancer', annotations: { 'example.com/internal': 'true' } },
  memoryLimitMiB: 4096,
  cpuRequestMillis: 250,
  priorityClassName: 'important',
  logLevel: 'debug',
  monitoringNamespace: 'observability',
};

describe('a cache with every option', () => {
  const objects = objectsOf(cached(everything));
  const config = parse(configOf(objects)['config.yml']);
  const registry = registryOf(objects);
  const { spec } = podOf(objects);

  it('names its objects after the upstream', () => {
    const names = objects
      .filter(({ kind }) => kind !== 'Namespace')
      .map(({ kind, metadata }) => [kind, metadata.name]);
    const name = 'docker-cache-registry-example-com-5000';
    expect(names).toEqual([
      ['ServiceAccount', 'docker-cache'],
      ['ConfigMap', name],
      ['Deployment', name],
      ['Service', name],
      ['NetworkPolicy', name],
      ['PodDisruptionBudget', name],
    ]);
  });

  it('downloads from the URL with a login that is asked for each minute, and never drops anything', () => {
    expect(config.proxy).toEqual({
      remoteurl: 'https://registry.internal:5000',
      ttl: '0s',
      exec: { command: '/etc/docker-cache/credential-helper', lifetime: '60s' },
    });
  });

  it('names its upstream in every answer', () => {
    expect(config.http.headers['Docker-Cache-Upstream']).toEqual(['registry.example.com:5000']);
  });

  it('keeps no descriptors in memory, sends no client to the storage, and logs as it is told', () => {
    expect(config.storage).toEqual({
      azure: {
        accountname: 'forexample',
        container: 'dockerregistry',
        rootdirectory: '/registry.example.com:5000',
        credentials: { type: 'shared_key' },
      },
      redirect: { disable: true },
    });
    expect(config.log).toEqual({ level: 'debug', formatter: 'json', accesslog: { disabled: true } });
  });

  it('ends TLS and checks users itself, with whole folders mounted so that new content arrives', () => {
    expect(config.http.tls).toEqual({
      certificate: '/etc/docker-cache-access/tls/tls.crt',
      key: '/etc/docker-cache-access/tls/tls.key',
      minimumtls: 'tls1.2',
    });
    expect(config.auth).toEqual({
      htpasswd: { realm: 'docker-cache', path: '/etc/docker-cache-access/users/htpasswd' },
    });
    expect(registry.volumeMounts.every(({ subPath }: { subPath?: string }) => subPath === undefined)).toBe(
      true,
    );
    expect(registry.readinessProbe.httpGet).toEqual({ path: '/', port: 'registry', scheme: 'HTTPS' });
  });

  it('takes every secret value from a Secret by name and key, readable for the group alone', () => {
    const secrets = spec.volumes
      .filter(({ secret }: { secret?: unknown }) => secret !== undefined)
      .map(({ secret }: { secret: unknown }) => secret);
    const items = (key: string, path: string) => ({ key, path });
    expect(secrets).toEqual([
      { secretName: 'corporate-ca', defaultMode: 0o440, items: [items('bundle.pem', 'ca.crt')] },
      {
        secretName: 'upstream-login',
        defaultMode: 0o440,
        items: [items('user', 'username'), items('token', 'password')],
      },
      { secretName: 'cache-users', defaultMode: 0o440, items: [items('users', 'htpasswd')] },
      {
        secretName: 'cache-tls',
        defaultMode: 0o440,
        items: [items('tls.crt', 'tls.crt'), items('tls.key', 'tls.key')],
      },
    ]);
    expect(registry.env).toContainEqual({
      name: 'REGISTRY_STORAGE_AZURE_ACCOUNTKEY',
      valueFrom: { secretKeyRef: { name: 'azure-storage', key: 'accountKey' } },
    });
  });

  it('goes through the proxy and trusts the authority, the init container too', () => {
    const proxy = [
      { name: 'HTTPS_PROXY', value: 'http://proxy.example.com:3128' },
      { name: 'NO_PROXY', value: '.internal,10.0.0.0/8' },
    ];
    expect(registry.env).toEqual(
      expect.arrayContaining([...proxy, { name: 'SSL_CERT_DIR', value: '/etc/docker-cache-ca' }]),
    );
    const create = spec.initContainers.find(({ name }: { name: string }) => name === 'create-container');
    expect(create.env).toEqual(
      expect.arrayContaining([
        ...proxy,
        { name: 'NODE_EXTRA_CA_CERTS', value: '/etc/docker-cache-ca/ca.crt' },
      ]),
    );
  });

  it('limits memory, and the heap a tenth below it', () => {
    expect(registry.resources).toEqual({
      requests: { cpu: '250m', memory: '128Mi' },
      limits: { memory: '4096Mi' },
    });
    expect(registry.env).toContainEqual({ name: 'GOMEMLIMIT', value: '3686MiB' });
  });

  it('runs the images that it is told', () => {
    expect(registry.image).toBe(everything.image);
    expect(spec.initContainers.map(({ image }: { image: string }) => image)).toEqual([
      everything.programImage,
      everything.programImage,
    ]);
    expect(spec.priorityClassName).toBe('important');
  });

  it('is reached through a load balancer on the port of its own, on every node', () => {
    const service = only(objects, 'Service');
    expect(service.metadata['annotations' as never]).toEqual({ 'example.com/internal': 'true' });
    expect(service['spec']).toMatchObject({
      type: 'LoadBalancer',
      externalTrafficPolicy: 'Cluster',
      ports: [{ name: 'registry', port: 31500, nodePort: 31500, targetPort: 'registry' }],
    });
  });

  it('keeps all replicas but one through a drain, on different nodes where it can, and none waits for another', () => {
    expect(only(objects, 'PodDisruptionBudget')['spec'].maxUnavailable).toBe(1);
    expect(spec.topologySpreadConstraints).toEqual([
      expect.objectContaining({ topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'ScheduleAnyway' }),
    ]);
    expect(only(objects, 'Deployment')['spec'].strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
    });
  });

  it('opens its metrics to the monitoring namespace alone, and connects to the ports that it needs', () => {
    const policy = only(objects, 'NetworkPolicy')['spec'];
    expect(policy.ingress).toEqual([
      { ports: [{ port: 'registry', protocol: 'TCP' }] },
      {
        from: [{ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'observability' } } }],
        ports: [{ port: 'debug', protocol: 'TCP' }],
      },
    ]);
    const tcp = (port: number) => ({ port, protocol: 'TCP' });
    expect(policy.egress[1].ports).toEqual([tcp(443), tcp(3128), tcp(5000)]);
  });
});

describe('every container of every example', () => {
  it('drops every capability, writes nothing to its root, and is pulled only when missing', () => {
    for (const cluster of [cached(), cached(everything)]) {
      const { spec } = podOf(objectsOf(cluster));
      for (const container of [...spec.initContainers, ...spec.containers]) {
        expect(container.imagePullPolicy).toBe('IfNotPresent');
        expect(container.securityContext).toMatchObject({
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          readOnlyRootFilesystem: true,
        });
      }
      expect(spec.automountServiceAccountToken).toBe(false);
      expect(spec.enableServiceLinks).toBe(false);
      expect(spec.securityContext).toMatchObject({
        fsGroup: 65532,
        fsGroupChangePolicy: 'OnRootMismatch',
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
    }
  });
});

describe('the Pod of a cache', () => {
  it('has time to end a running download before it is killed', () => {
    const objects = objectsOf(cached());
    expect(parse(configOf(objects)['config.yml']).http.draintimeout).toBe('25s');
    expect(podOf(objects).spec.terminationGracePeriodSeconds).toBe(30);
  });

  it('is restarted when it does not answer, and taken out when its storage is broken', () => {
    const registry = registryOf(objectsOf(cached()));
    expect(registry.livenessProbe).toEqual({
      httpGet: { path: '/metrics', port: 'debug' },
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 3,
      terminationGracePeriodSeconds: 1,
    });
    expect(registry.readinessProbe).toMatchObject({
      periodSeconds: 5,
      timeoutSeconds: 2,
      failureThreshold: 2,
    });
  });

  it('rolls when its configuration changes, and only then', () => {
    const hash = (cache: Partial<ImageCacheOptions>) =>
      podOf(objectsOf(cached(cache))).metadata.annotations['docker-cache/config-hash'];
    expect(hash({})).toBe(hash({ service: { type: 'LoadBalancer' } }));
    expect(hash({})).not.toBe(hash({ logLevel: 'info' }));
  });

  it('waits for its predecessor to be gone where the storage is not shared', () => {
    expect(only(objectsOf(cached()), 'Deployment')['spec'].strategy).toEqual({ type: 'Recreate' });
  });

  it('may delete only when objects have an age at which they go', () => {
    const storage = (ttl: '0s' | '720h') => parse(configOf(objectsOf(cached({ ttl })))['config.yml']).storage;
    expect(storage('0s').delete).toBeUndefined();
    expect(storage('720h').delete).toEqual({ enabled: true });
  });

  it('asks an upstream that is http through the same proxy', () => {
    const upstreams = [
      Upstream.registry({
        host: 'registry.example.com',
        url: 'http://registry.example.com:8080',
        proxy: { httpsProxy: 'http://proxy.example.com:3128' },
      }),
    ];
    expect(registryOf(objectsOf(cached({ upstreams }))).env).toContainEqual({
      name: 'HTTP_PROXY',
      value: 'http://proxy.example.com:3128',
    });
  });
});

describe('several upstreams', () => {
  it('share nothing but the namespace: each has its Pods, its port, its selector and its storage root', () => {
    const upstreams = [Upstream.dockerHub({ nodePort: 30500 }), Upstream.quay({ nodePort: 30501 })];
    const objects = objectsOf(cached({ storage: azureBlob, upstreams }));
    const roots = ['docker-cache-docker-io', 'docker-cache-quay-io'].map((name) => {
      const config = parse(only(objects, 'ConfigMap', name)['data']['config.yml']);
      const selector = only(objects, 'Service', name)['spec'].selector;
      const { labels } = only(objects, 'Deployment', name)['spec'].template.metadata;
      expect(labels).toMatchObject(selector);
      return [config.storage.azure.rootdirectory, selector['docker-cache/upstream']];
    });
    expect(roots).toEqual([
      ['/docker.io', 'docker-io'],
      ['/quay.io', 'quay-io'],
    ]);
  });
});
