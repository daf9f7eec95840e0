import { describe, expect, it } from '@jest/globals';
import {
  Access,
  AuthSecret,
  type CacheCluster,
  type Cluster,
  type ImageCacheOptions,
  type MirrorCluster,
  NodeRuntime,
  type NodesOptions,
  problemLine,
  StorageBackend,
  Upstream,
} from '../../lib';
import { clusterProblems } from '../../lib/validation/cluster';
import { exampleClusters } from '../support/example-clusters';

const azureBlob = (options: Partial<Parameters<typeof StorageBackend.azureBlob>[0]> = {}) =>
  StorageBackend.azureBlob({
    accountName: 'forexample',
    credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    ...options,
  });

const htpasswd = Access.htpasswd({
  users: AuthSecret.htpasswd('cache-users'),
  tls: AuthSecret.tls('cache-tls'),
});

function cached(cache: Partial<ImageCacheOptions>, nodes: Partial<NodesOptions> = {}): CacheCluster {
  return {
    name: 'test',
    cache: { storage: azureBlob(), ...cache },
    nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.containerd() }], ...nodes },
  };
}

function mirrored(url: string, nodes: Partial<NodesOptions> = {}, host = 'docker.io'): MirrorCluster {
  return {
    name: 'test',
    mirrors: [{ host, url }],
    nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.containerd() }], ...nodes },
  };
}

/** What only somebody without a type checker can write. */
const untyped = (data: unknown): never => data as never;

const lines = (cluster: Cluster): string[] => clusterProblems(cluster).map(problemLine);

const loggedIn = {
  endpoint: { type: 'host', host: 'cache.example.com' },
  login: AuthSecret.login('cache-login'),
} as const;

describe('a combination that must not synthesize', () => {
  const rows: readonly (readonly [string, Cluster, readonly string[]])[] = [
    [
      "an upstream that no pool can mirror, because docker's classic store mirrors Docker Hub only",
      cached({ upstreams: [Upstream.quay()] }, { pools: [{ runtime: NodeRuntime.docker() }] }),
      [
        `cache.upstreams[0].host is never used: docker's classic image store mirrors Docker Hub only (was "quay.io"); add a pool of another runtime, or NodeRuntime.docker({ imageStore: 'containerd' })`,
      ],
    ],
    [
      'htpasswd with a pool of the classic store',
      cached({ access: htpasswd }, { ...loggedIn, pools: [{ runtime: NodeRuntime.docker() }] }),
      [
        `nodes.pools[0].runtime never pulls from a cache with a login: the classic image store sends none to a mirror, falls back silently, and may hand over the login of Docker Hub (was "docker, classic image store"); use NodeRuntime.docker({ imageStore: 'containerd' }), or Access.open`,
      ],
    ],
    [
      'htpasswd without TLS',
      cached({ access: untyped({ type: 'htpasswd', users: AuthSecret.htpasswd('u') }) as never }, loggedIn),
      [
        `cache.access.tls is missing; passwords would pass in clear text; name the certificate's Secret: AuthSecret.tls('cache-tls')`,
      ],
    ],
    [
      'htpasswd without a login of the nodes',
      cached({ access: htpasswd }, { ...loggedIn, login: undefined }),
      [
        `nodes.login is missing, so the cache would refuse every node; name the Secret: login: AuthSecret.login('cache-login')`,
      ],
    ],
    [
      'TLS with the endpoint nodePort',
      cached({ access: htpasswd }, { login: AuthSecret.login('cache-login') }),
      [
        `nodes.endpoint cannot be nodePort with TLS: the certificate would need every node's address (was "nodePort"); use { type: 'host', host: 'cache.example.com' } with a name of the certificate`,
      ],
    ],
    [
      'upstream credentials with open access that nobody acknowledged',
      cached({ upstreams: [Upstream.dockerHub({ credentials: AuthSecret.login('docker-hub') })] }),
      [
        `cache.upstreams[0].credentials lets everybody who reaches a node's address pull the private images of docker.io (was "docker-hub"); use Access.htpasswd, or say that it is meant with Access.open({ exposesPrivateImages: true })`,
      ],
    ],
    [
      'hostPath without a node',
      cached({ storage: StorageBackend.hostPath(untyped({}) as never) }),
      [
        'cache.storage.node must name the node that keeps the images, else the cache moves away from its data; write its kubernetes.io/hostname label, as `kubectl get nodes --show-labels` prints it',
      ],
    ],
    [
      'several replicas on a folder of one node',
      cached({ storage: StorageBackend.hostPath({ node: 'node-1' }), replicas: 3 }),
      [
        'cache.storage is a folder of one node, which 3 replicas cannot share; set replicas to 1, or use StorageBackend.azureBlob',
      ],
    ],
    [
      'several replicas on a ReadWriteOnce claim',
      cached({ storage: StorageBackend.persistentVolumeClaim({ size: '200Gi' }), replicas: 2 }),
      [
        'cache.storage.accessMode lets one node mount the volume, which 2 replicas cannot share (was "ReadWriteOnce"); set replicas to 1, or use a class and accessMode ReadWriteMany',
      ],
    ],
    [
      'several upstreams on one ReadWriteOnce claim',
      cached({
        storage: StorageBackend.persistentVolumeClaim({ claimName: 'images' }),
        upstreams: [Upstream.dockerHub({ nodePort: 30500 }), Upstream.quay({ nodePort: 30501 })],
      }),
      [
        'cache.storage.claimName is one ReadWriteOnce volume for 2 upstreams, whose Pods may never start together (was "images"); state size instead, which makes a claim for each upstream, or accessMode ReadWriteMany',
      ],
    ],
    [
      "an Azure account outside Azure's rules",
      cached({ storage: azureBlob({ accountName: 'For-Example' }) }),
      [
        'cache.storage.accountName is not a name that Azure accepts for a storage account (was "For-Example"); use 3 to 24 lower-case letters and digits (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage)',
      ],
    ],
    [
      "an Azure container outside Azure's rules",
      cached({ storage: azureBlob({ container: 'docker--registry' }) }),
      [
        'cache.storage.container is not a name that Azure accepts for a blob container (was "docker--registry"); use 3 to 63 lower-case letters, digits and single dashes between them (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage)',
      ],
    ],
    [
      'a ttl with several replicas on shared storage',
      cached({ ttl: '720h', replicas: 2 }),
      [
        `cache.ttl makes 2 replicas overwrite one another's schedule, so that objects outlive it (was "720h"); set it to 0s and let a lifecycle rule of the storage account drop old blobs`,
      ],
    ],
    [
      'a ttl below a minute',
      cached({ ttl: '30s' }),
      [
        'cache.ttl must be 0s, or at least a minute, with its unit (was "30s"); write it like 720h; a number alone would be nanoseconds',
      ],
    ],
    [
      'a ttl without a unit',
      cached({ ttl: untyped('720') }),
      [
        'cache.ttl must be 0s, or at least a minute, with its unit (was "720"); write it like 720h; a number alone would be nanoseconds',
      ],
    ],
    [
      'several upstreams without ports of their own',
      cached({ upstreams: [Upstream.dockerHub({ nodePort: 30500 }), Upstream.quay()] }),
      [
        'cache.upstreams[1].nodePort is missing for quay.io, and the order of a list must not decide who answers on a port; state a port from 30000 to 32767 for each of several upstreams',
      ],
    ],
    [
      'a port outside the range of node ports',
      cached({ upstreams: [Upstream.dockerHub({ nodePort: 5000 })] }),
      [
        'cache.upstreams[0].nodePort is outside the range of node ports (was 5000); use one from 30000 to 32767',
      ],
    ],
    [
      'a port that is used twice',
      cached({ upstreams: [Upstream.dockerHub({ nodePort: 30500 }), Upstream.quay({ nodePort: 30500 })] }),
      [
        'cache.upstreams[1].nodePort is the port of docker.io already, whose images would appear under the wrong name (was 30500); give each upstream a port of its own',
      ],
    ],
    [
      "a mirror URL with a path for docker's classic store",
      mirrored('http://10.0.0.5:5000/hub', { pools: [{ runtime: NodeRuntime.docker() }] }),
      [
        `mirrors[0].url holds more than scheme, host and port, which keeps dockerd from starting (was "http://10.0.0.5:5000/hub"); remove path and query, or use NodeRuntime.docker({ imageStore: 'containerd' })`,
      ],
    ],
    [
      'a mirror URL with a login in it, which is not printed',
      mirrored('http://user:canary@10.0.0.5:5000'),
      [
        'mirrors[0].url is not the URL of a registry (was "http://***@10.0.0.5:5000"); write it like 10.0.0.5:5000 or https://registry.example.com, a login as nodes.login',
      ],
    ],
    [
      'two pools of one name whose selectors may match one node',
      cached(
        {},
        {
          pools: [
            { name: 'gpu', runtime: NodeRuntime.containerd(), selector: { pool: 'gpu' } },
            { name: 'gpu', runtime: NodeRuntime.k3s(), selector: { zone: 'a' } },
          ],
        },
      ),
      [
        'nodes.pools[1].name is the name of pools[0] too (was "gpu"); give each of several pools a name of its own',
        'nodes.pools[1].selector may match a node of pools[0] too, and two agents would write one file (was {"zone":"a"}); select both pools by one label with different values',
      ],
    ],
    [
      'a pool without a selector beside another',
      cached(
        {},
        {
          pools: [
            { name: 'gpu', runtime: NodeRuntime.containerd(), selector: { pool: 'gpu' } },
            { name: 'rest', runtime: NodeRuntime.containerd() },
          ],
        },
      ),
      [
        'nodes.pools[1].selector may match a node of pools[0] too, and two agents would write one file (was "none"); select both pools by one label with different values',
      ],
    ],
    [
      'a mirror for _default',
      mirrored('10.0.0.5:5000', {}, '_default'),
      [
        `mirrors[0].host would answer for every registry with one registry's images (was "_default"); name the registry, like docker.io, and state further ones beside it`,
      ],
    ],
    [
      "the cache's own image from an upstream that it serves",
      cached({ image: 'registry:3.1.2' }),
      [
        'cache.image comes from docker.io, which this cluster pulls through the cache: it could not start while the cache is down (was "registry:3.1.2"); name a copy of the image in a registry that this cluster does not mirror',
      ],
    ],
    [
      "the agent's image from a registry that is mirrored",
      mirrored('10.0.0.5:5000', { image: 'node:20' }),
      [
        'nodes.image comes from docker.io, which this cluster pulls through the cache: it could not start while the cache is down (was "node:20"); name a copy of the image in a registry that this cluster does not mirror',
      ],
    ],
    [
      'an image without a version',
      cached({ programImage: 'public.ecr.aws/docker/library/node:latest' }),
      [
        'cache.programImage does not say which version it is (was "public.ecr.aws/docker/library/node:latest"); add a tag other than latest, or a digest',
      ],
    ],
    [
      'nodes without a mode',
      cached({}, untyped({ mode: undefined })),
      [
        'nodes.mode has no default: a person says what happens to every node; write one of plan, apply, restore',
      ],
    ],
    [
      'a misspelt option, which would silently keep its default',
      cached(untyped({ replica: 2 })),
      [
        'cache.replica is not an option; remove it or spell it as one of storage, upstreams, access, frontTier, replicas, image, programImage, ttl, service, memoryLimitMiB, cpuRequestMillis, priorityClassName, logLevel, monitoringNamespace',
      ],
    ],
    [
      'a cache and mirrors at once',
      untyped({ ...cached({}), mirrors: [] }),
      [
        'mirrors and cache exclude one another; remove mirrors, or remove cache to use registries that others run',
      ],
    ],
    [
      'mirrors that no node uses',
      untyped({ name: 'test', mirrors: [{ host: 'docker.io', url: '10.0.0.5:5000' }] }),
      [
        `nodes is missing, so no node would use the mirrors; state it: nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.containerd() }] }`,
      ],
    ],
    [
      'a login that would pass in clear text',
      mirrored('http://10.0.0.5:5000', { login: AuthSecret.login('cache-login') }),
      ['nodes.login would pass in clear text (was "cache-login"); use an https URL for every mirror'],
    ],
    [
      'a Secret of another kind',
      cached({}, { ca: untyped(AuthSecret.login('x')) as never }),
      [
        'nodes.ca is a Secret of another kind (was "login"); use AuthSecret.ca',
        'nodes.ca is never used without TLS (was "x"); remove it, or serve over https',
      ],
    ],
    [
      "a proxy's password, which is not printed",
      cached({ upstreams: [Upstream.dockerHub({ proxy: { httpsProxy: 'http://user:canary@proxy:3128' } })] }),
      [
        'cache.upstreams[0].proxy.httpsProxy must be scheme, host and port of an HTTP proxy, without a password that the manifest would show (was "http://***@proxy:3128"); write it like http://proxy.example.com:3128',
      ],
    ],
  ];

  it.each(rows)('%s', (_title, cluster, expected) => {
    expect(lines(cluster)).toEqual(expected);
  });

  it('names every problem of a cluster at once', () => {
    const cluster = cached({ replicas: 0, ttl: '1s' }, { mode: untyped('aply') });
    expect(clusterProblems(cluster).map(({ property }) => property)).toEqual([
      'cache.replicas',
      'cache.ttl',
      'nodes.mode',
    ]);
  });
});

describe('a cluster that is right', () => {
  it.each(exampleClusters)('$name has no problem', (cluster) => {
    expect(lines(cluster)).toEqual([]);
  });

  it('may say that private images are meant for everybody', () => {
    const upstreams = [Upstream.dockerHub({ credentials: AuthSecret.login('docker-hub') })];
    expect(lines(cached({ upstreams, access: Access.open({ exposesPrivateImages: true }) }))).toEqual([]);
  });

  it('may mirror several registries for a dockerd with the containerd image store', () => {
    const pools = [{ runtime: NodeRuntime.docker({ imageStore: 'containerd' }) }];
    expect(lines(cached({ upstreams: [Upstream.quay()] }, { pools }))).toEqual([]);
  });

  it('may keep objects for a time on one replica', () => {
    expect(lines(cached({ ttl: '720h' }))).toEqual([]);
  });
});
