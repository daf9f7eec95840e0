import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { clusterApp, type Cluster } from '../../lib';
import { type ClusterPlan, clusterOfPlan, clusterSource } from '../../lib/openpai';
import { clusterProblems } from '../../lib/validation/cluster';
import { loadSource } from '../support/load-source';
import { standInPrograms } from '../support/programs';

const hub = 'https://registry-1.docker.io';
const inAzure = { type: 'azure', accountName: 'forexample', container: 'dockerregistry' } as const;
const inFolder = { type: 'filesystem', node: 'pai-master', path: '/var/lib/registry' } as const;
const users = {
  host: 'cache.example.com',
  tlsSecret: 'cache-tls',
  caSecret: 'cache-ca',
  loginSecret: 'cache-login',
};

const plans: readonly (readonly [string, ClusterPlan])[] = [
  [
    'the guide for Azure',
    { name: 'openpai', runtime: 'docker', replaces: [], storage: inAzure, remoteUrl: hub },
  ],
  [
    'the guide for a file system, taken over from a master',
    {
      name: 'lab',
      runtime: 'docker',
      replaces: ['http://10.0.0.1:30500'],
      storage: inFolder,
      remoteUrl: hub,
      nodePort: 30501,
    },
  ],
  [
    'everything else than the defaults',
    {
      name: 'openpai',
      runtime: 'docker-containerd-store',
      replaces: ['http://10.0.0.1:30500'],
      storage: { ...inAzure, container: 'images-of-the-cluster' },
      remoteUrl: 'https://mirror.gcr.io',
      nodePort: 30510,
      users,
    },
  ],
  [
    'another folder',
    {
      name: 'openpai',
      runtime: 'containerd',
      replaces: [],
      storage: {
        ...inFolder,
        path: '/mnt/a/rather/long/folder/that/does/not/fit/into/the/line/of/its/factory',
      },
      remoteUrl: 'https://mirror.gcr.io',
    },
  ],
  ['a registry of others', { name: 'lab', runtime: 'docker', replaces: [], mirror: '10.0.0.5:5000' }],
  [
    'a registry of others for k3s',
    { name: 'lab', runtime: 'k3s', replaces: [], mirror: 'https://cache.example.com' },
  ],
  ['a registry of others for rke2', { name: 'lab', runtime: 'rke2', replaces: [], mirror: '10.0.0.5:5000' }],
  ['a registry of others for CRI-O', { name: 'lab', runtime: 'crio', replaces: [], mirror: '10.0.0.5:5000' }],
];

const objects = (cluster: Cluster): unknown =>
  clusterApp(cluster, { programs: standInPrograms }).charts.map((chart) => chart.toJson());

describe('the file of a cluster', () => {
  it('is what a person would write', () => {
    expect(clusterSource(plans[1]![1], 'docker-cache')).toBe(`\
import { type Cluster, NodeRuntime, StorageBackend, Upstream } from 'docker-cache';

/** Made by docker-cache import. Nodes are only shown what would change until mode is 'apply'. */
export default {
  name: 'lab',
  cache: {
    upstreams: [Upstream.dockerHub({ nodePort: 30501 })],
    storage: StorageBackend.hostPath({ node: 'pai-master' }),
  },
  nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.docker(), replaces: ['http://10.0.0.1:30500'] }] },
} satisfies Cluster;
`);
  });

  it.each(plans)('makes the same objects as its plan, of %s', (_, plan) => {
    const cluster = clusterOfPlan(plan);
    expect(clusterProblems(cluster)).toEqual([]);
    expect(objects(loadSource(clusterSource(plan, 'docker-cache')))).toEqual(objects(cluster));
  });

  it('is formatted as this project formats its own', () => {
    const sources = plans.map(([, plan]) => clusterSource(plan, '../../lib')).join('\n');
    const prettier = resolve(__dirname, '../../node_modules/prettier/bin/prettier.cjs');
    const args = [prettier, '--stdin-filepath', resolve(__dirname, '../../stacks/clusters/any.ts')];
    expect(execFileSync(process.execPath, args, { input: sources, encoding: 'utf8' })).toBe(sources);
  });

  it('quotes what would end a text', () => {
    const name = `a'b"c\\d\n`;
    const source = clusterSource(
      { name, runtime: 'docker', replaces: [], mirror: '10.0.0.5:5000' },
      'docker-cache',
    );
    expect(loadSource(source).name).toBe(name);
  });
});
