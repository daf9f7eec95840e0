import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import {
  Access,
  AuthSecret,
  type CacheCluster,
  FrontTier,
  type ImageCacheOptions,
  problemLine,
  Size,
  StorageBackend,
} from '../lib';
import { resolveVarnish, varnishProblems, type VarnishOptions } from '../lib/front-tier/varnish-options';
import { type KubernetesObject, objectsOf, only } from './support/objects';

const cached = (cache: Partial<ImageCacheOptions> = {}): CacheCluster => ({
  name: 'test',
  cache: {
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    }),
    ...cache,
  },
});
const access = Access.htpasswd({
  users: AuthSecret.htpasswd('cache-users'),
  tls: AuthSecret.tls('cache-tls'),
});
const filesOf = (objects: readonly KubernetesObject[]) => only(objects, 'ConfigMap')['data'];
const containersOf = (objects: readonly KubernetesObject[], kind = 'Deployment') =>
  only(objects, kind)['spec'].template.spec.containers;
const named = (containers: readonly { name: string }[], name: string): KubernetesObject =>
  containers.find((container) => container.name === name) as unknown as KubernetesObject;

describe('Varnish before the registry', () => {
  const objects = objectsOf(cached());
  const [registry, local, varnish, ...more] = containersOf(objects);

  it('is what listens on the port of the Service, and both registries listen on loopback', () => {
    expect([registry.name, local.name, varnish.name, more]).toEqual([
      'registry',
      'registry-local',
      'varnish',
      [],
    ]);
    expect(varnish.ports).toEqual([{ name: 'registry', containerPort: 5000 }]);
    expect(varnish.args).toContain('clients=:5000,HTTP');
    const files = filesOf(objects);
    expect(parse(files['config.yml']).http.addr).toBe('127.0.0.1:5002');
    expect(parse(files['config-local.yml']).http.addr).toBe('127.0.0.1:5003');
    expect(files['front.vcl']).toContain('.port = "5002"');
    expect(files['front.vcl']).toContain('.port = "5003"');
  });

  it('has beside it a registry that has no upstream and writes nothing', () => {
    const config = parse(filesOf(objects)['config-local.yml']);
    expect(config.proxy).toBeUndefined();
    expect(config.storage).toMatchObject({
      azure: { rootdirectory: '/docker.io' },
      maintenance: { readonly: { enabled: true } },
    });
    expect(local.env).toEqual(registry.env);
  });

  it('is ready when it answers with the local registry well, and alive when it answers at all', () => {
    expect(varnish.readinessProbe.httpGet).toEqual({ path: '/', port: 'registry', scheme: 'HTTP' });
    expect(varnish.livenessProbe.httpGet).toEqual({ path: '/alive', port: 'registry', scheme: 'HTTP' });
    expect(varnish.startupProbe.httpGet.path).toBe('/alive');
    for (const { startupProbe, readinessProbe } of [registry, local]) {
      expect([startupProbe, readinessProbe]).toEqual([undefined, undefined]);
    }
    expect([registry.livenessProbe.httpGet.port, local.livenessProbe.httpGet.port]).toEqual([
      'debug',
      'debug-local',
    ]);
  });

  it('writes to folders of its own alone, and states the size of its store to the scheduler', () => {
    const volumes = only(objects, 'Deployment')['spec'].template.spec.volumes;
    expect(volumes).toContainEqual({ name: 'front-store', emptyDir: { sizeLimit: '20544Mi' } });
    expect(varnish.resources.requests['ephemeral-storage']).toBe('20544Mi');
    expect(varnish.args).toContain(`blobs=file,/var/lib/docker-cache-store/blobs,${20 * 1024 ** 3}`);
    expect(varnish.securityContext).toMatchObject({
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('gives running pulls their time when the Pod stops', () => {
    expect(only(objects, 'Deployment')['spec'].template.spec.terminationGracePeriodSeconds).toBe(310);
    for (const file of ['config.yml', 'config-local.yml']) {
      expect(parse(filesOf(objects)[file]).http.draintimeout).toBe('300s');
    }
    for (const { lifecycle } of containersOf(objects)) {
      expect(lifecycle.preStop.exec.command).toEqual(['sleep', '5']);
    }
  });
});

describe('Varnish with users', () => {
  const objects = objectsOf(cached({ access }));
  const containers = containersOf(objects);

  it('ends TLS itself, and asks the local registry about each user', () => {
    const varnish = named(containers, 'varnish');
    expect(varnish['args']).toEqual(expect.arrayContaining(['-A', '/etc/docker-cache/front-tls.cfg']));
    expect(varnish['readinessProbe'].httpGet.scheme).toBe('HTTPS');
    const files = filesOf(objects);
    expect(files['front-tls.cfg']).toBe(`frontend = {
    name = "clients"
    host = "*"
    port = "5000"
    tls-protos = TLSv1.2 TLSv1.3
    pem-file = {
        cert = "/etc/docker-cache-access/tls/tls.crt"
        private-key = "/etc/docker-cache-access/tls/tls.key"
    }
}
`);
    expect(parse(files['config-local.yml']).auth.htpasswd.path).toBe(
      '/etc/docker-cache-access/users/htpasswd',
    );
    expect(parse(files['config.yml']).auth).toBeUndefined();
    expect(parse(files['config.yml']).http.tls).toBeUndefined();
  });

  it('gives the private key to those who need it alone', () => {
    const withKey = containers
      .filter(({ volumeMounts }: { volumeMounts: { name: string }[] }) =>
        volumeMounts.some(({ name }) => name === 'tls'),
      )
      .map(({ name }: { name: string }) => name);
    expect(withKey).toEqual(['varnish', 'reload-certificate']);
  });

  it('is told of a renewed certificate', () => {
    const script = named(containers, 'reload-certificate')['command'][2];
    expect(script).toContain('tell tls.cert.reload && tell tls.cert.commit');
  });
});

describe('several replicas of Varnish', () => {
  it('know one another by addresses that stay, so that they download once together', () => {
    const objects = objectsOf(cached({ replicas: 2 }));
    const name = 'docker-cache-docker-io';
    expect(only(objects, 'StatefulSet')['spec']).toMatchObject({
      replicas: 2,
      podManagementPolicy: 'Parallel',
    });
    for (const pod of [`${name}-0`, `${name}-1`]) {
      expect(only(objects, 'Service', pod)['spec'].selector['statefulset.kubernetes.io/pod-name']).toBe(pod);
      expect(filesOf(objects)['front.vcl']).toContain(`.host = "${pod}.docker-cache.svc"`);
    }
    expect(named(containersOf(objects, 'StatefulSet'), 'varnish')['args']).toContain('$(POD_NAME)');
    const [, egress] = only(objects, 'NetworkPolicy')['spec'].egress;
    expect(egress.ports).toContainEqual({ port: 5000, protocol: 'TCP' });
  });

  it('send no password to one another that an authority does not vouch for', () => {
    const alone = objectsOf(cached({ replicas: 2, access }));
    expect(filesOf(alone)['front.vcl']).not.toContain('directors');
    expect(only(alone, 'Deployment')['spec'].replicas).toBe(2);
    const frontTier = FrontTier.varnish({ serverName: 'cache.example.com' });
    const together = filesOf(objectsOf(cached({ replicas: 2, access, frontTier })))['front.vcl'];
    expect(together).toContain('.host_header = "cache.example.com"');
    expect(together).toContain('.ssl_verify_peer = 1');
  });
});

describe('the options of Varnish', () => {
  const everything: Required<VarnishOptions> = {
    storeSize: Size.gibibytes(100),
    tagFreshness: '1m',
    upstreamTimeout: '5s',
    image: 'registry.example.com/varnish:9.0.2',
    memoryLimitMiB: 2048,
    drainTime: '10m',
    serverName: 'cache.example.com',
  };

  it('reach the program', () => {
    expect(varnishProblems(everything)).toEqual([]);
    expect(resolveVarnish(everything)).toEqual({
      storeBytes: 100 * 1024 ** 3,
      tagFreshnessSeconds: 60,
      upstreamTimeoutSeconds: 5,
      image: 'registry.example.com/varnish:9.0.2',
      memoryLimitMiB: 2048,
      drainSeconds: 600,
      serverName: 'cache.example.com',
    });
    const objects = objectsOf(cached({ frontTier: FrontTier.varnish(everything) }));
    const varnish = named(containersOf(objects), 'varnish');
    expect(varnish['image']).toBe('registry.example.com/varnish:9.0.2');
    expect(varnish['resources'].limits.memory).toBe('2048Mi');
  });

  it.each<[VarnishOptions, string]>([
    [
      { storeSize: Size.mebibytes(500) },
      'storeSize keeps no blob above 79 MiB, so that common layers are downloaded once for every node (was "500 MiB"); use at least Size.gibibytes(1); the default is 20',
    ],
    [
      { tagFreshness: '0s' },
      'tagFreshness must be from 1s to 1h, with its unit (was "0s"); write it like 5s',
    ],
    [
      { tagFreshness: '2h' },
      'tagFreshness must be from 1s to 1h, with its unit (was "2h"); write it like 5s',
    ],
    [
      { upstreamTimeout: '3' as never },
      'upstreamTimeout must be from 1s to 30s, with its unit (was "3"); write it like 5s',
    ],
    [
      { memoryLimitMiB: 64 },
      'memoryLimitMiB must be a whole number of at least 256 (was 64); state mebibytes, like 1024',
    ],
  ])('refuse %j', (options, line) => {
    expect(varnishProblems(options).map(problemLine)).toEqual([line]);
  });
});
