import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { cacheEgress } from '../lib/cache-network-policy';
import { Upstream } from '../lib';
import { exampleClusters } from './support/example-clusters';
import { type KubernetesObject, objectsOf } from './support/objects';

interface Container {
  readonly args?: readonly string[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
}

const portOf = (address: string): number => Number(address.slice(address.lastIndexOf(':') + 1));
const isLoopback = (address: string): boolean => address.startsWith('127.0.0.1:');

/** The ports that the processes of a Pod really open to its network, as their configuration says. */
function openedPorts(files: Readonly<Record<string, string>>, containers: readonly Container[]): number[] {
  const registries = Object.entries(files)
    .filter(([name]) => name.endsWith('.yml'))
    .flatMap(([, text]) => {
      const { http } = parse(text) as { http: { addr: string; debug: { addr: string } } };
      return [http.addr, http.debug.addr];
    });
  const tls = /port = "(\d+)"/.exec(files['front-tls.cfg'] ?? '')?.[1];
  const clients = containers
    .flatMap(({ args }) => args ?? [])
    .flatMap((argument) => /^clients=(.*),HTTP$/.exec(argument)?.[1] ?? []);
  const addresses = [...registries, ...clients, ...(tls === undefined ? [] : [`:${tls}`])];
  return addresses.filter((address) => !isLoopback(address)).map(portOf);
}

/** Objects of one kind by name. */
const byName = (objects: readonly KubernetesObject[], kind: string): ReadonlyMap<string, KubernetesObject> =>
  new Map(objects.filter((object) => object.kind === kind).map((object) => [object.metadata.name, object]));

describe('the network policy of a cache', () => {
  const pods = exampleClusters.flatMap((cluster) => {
    const objects = objectsOf(cluster);
    const configs = byName(objects, 'ConfigMap');
    const policies = byName(objects, 'NetworkPolicy');
    return objects
      .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
      .map(({ metadata, ...object }) => ({
        title: `${cluster.name}, ${metadata.name}`,
        files: configs.get(metadata.name)?.['data'] as Record<string, string>,
        containers: object['spec'].template.spec.containers as Container[],
        labels: object['spec'].template.metadata.labels as Record<string, string>,
        policy: policies.get(metadata.name)?.['spec'],
      }));
  });

  it('exists for every cache of every example', () => {
    expect(pods.map(({ title }) => title)).toEqual([
      'azure, docker-cache-docker-io',
      'azure-identity, docker-cache-docker-io',
      'azure-identity, docker-cache-mcr-microsoft-com',
      'azure-identity, docker-cache-quay-io',
      'filesystem, docker-cache-docker-io',
    ]);
  });

  it.each(pods)('selects the Pods of $title, whose declared ports are those that are opened', (pod) => {
    expect(pod.labels).toMatchObject(pod.policy.podSelector.matchLabels);
    const declared = pod.containers
      .flatMap(({ ports }) => ports ?? [])
      .map(({ containerPort }) => containerPort);
    expect(openedPorts(pod.files, pod.containers).sort()).toEqual(declared.sort());
  });

  it.each(pods)(
    'names ports that a container of $title has: the registry for all, metrics for a few',
    (pod) => {
      const names = pod.containers.flatMap(({ ports }) => ports ?? []).map(({ name }) => name);
      const [everybody, monitoring] = pod.policy.ingress;
      expect(everybody.from).toBeUndefined();
      expect(everybody.ports.map(({ port }: { port: string }) => port)).toEqual(['registry']);
      expect(monitoring.from).toHaveLength(1);
      for (const { port } of [...everybody.ports, ...monitoring.ports]) expect(names).toContain(port);
    },
  );

  it('lets a cache reach its upstream, the token service, the proxy and what its storage needs', () => {
    const upstream = Upstream.registry({
      host: 'registry.example.com',
      url: 'http://registry.example.com:8080',
      proxy: { httpsProxy: 'http://proxy.example.com:3128' },
    });
    const targets = [{ port: 10000, purpose: 'an emulator of Azure' }];
    expect(cacheEgress({ upstream, targets })).toEqual([443, 3128, 8080, 10000]);
  });
});
