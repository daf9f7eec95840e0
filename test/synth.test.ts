import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const project = resolve(__dirname, '..');

/** A project of its own with the example clusters, where a test may write others beside them. */
describe('the cdk8s front end', () => {
  let root: string;
  const cluster = (name: string) => join(root, 'stacks/clusters', `${name}.ts`);
  const manifest = (name: string) => join(root, 'dist', `${name}.k8s.yaml`);

  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'docker-cache-synth-'));
    for (const part of ['lib', 'stacks', 'package.json', 'tsconfig.json']) {
      cpSync(join(project, part), join(root, part), { recursive: true });
    }
    symlinkSync(join(project, 'node_modules'), join(root, 'node_modules'));
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  function synth(environment: Record<string, string> = {}) {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    const { status, stderr } = spawnSync(process.execPath, ['stacks/run.js'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], ...environment },
    });
    const written = existsSync(join(root, 'dist')) ? readdirSync(join(root, 'dist')).sort() : [];
    return { status, stderr, written };
  }

  const all = ['azure-identity', 'azure', 'custom-registry', 'filesystem'].map((name) => `${name}.k8s.yaml`);

  it('writes a manifest for each cluster, with the programs in it', () => {
    expect(synth()).toEqual({ status: 0, stderr: '', written: all });
    expect(readFileSync(manifest('filesystem'), 'utf8')).toContain('node-agent.cjs: ');
  });

  it('takes up an edit of a cluster file without a build step', () => {
    const file = cluster('filesystem');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace("node: 'node-1'", "node: 'node-2'"));
    expect(synth().status).toBe(0);
    expect(readFileSync(manifest('filesystem'), 'utf8')).toContain(
      'docker-cache.node-2.var.lib.registry.docker-io',
    );
    writeFileSync(file, before);
  });

  it('writes only the clusters that are asked for', () => {
    expect(synth({ CLUSTER: 'azure,filesystem' }).written).toEqual(['azure.k8s.yaml', 'filesystem.k8s.yaml']);
    const { status, stderr, written } = synth({ CLUSTER: 'azure,file' });
    expect({ status, stderr, written }).toEqual({
      status: 1,
      stderr: 'no cluster is named file; there are: azure, azure-identity, custom-registry, filesystem\n',
      written: [],
    });
  });

  it('writes nothing while one cluster is wrong, and lists every problem of all of them without a trace', () => {
    writeFileSync(
      cluster('broken'),
      `import { StorageBackend } from '../../lib';
       export default {
         name: 'broken',
         cache: { storage: StorageBackend.hostPath({ node: '' }), replicas: 2 },
         nodes: { pools: [] },
       };`,
    );
    writeFileSync(cluster('renamed'), `export { default } from './azure';`);
    writeFileSync(cluster('empty'), `export const cluster = {};`);
    writeFileSync(cluster('typo'), `export default { name: 'typo', cache: { `);
    writeFileSync(cluster('crash'), `import { nothing } from './not-there'; export default nothing;`);
    const { status, stderr, written } = synth();
    for (const name of ['broken', 'renamed', 'empty', 'typo', 'crash']) rmSync(cluster(name));
    expect({ status, written }).toEqual({ status: 1, written: [] });
    const at = (name: string) => `stacks/clusters/${name}.ts: `;
    expect(stderr.trimEnd().split('\n')).toEqual([
      `${at('broken')}cache.storage.node must name the node that keeps the images, else the cache moves away from its data (was ""); write its kubernetes.io/hostname label, as \`kubectl get nodes --show-labels\` prints it`,
      `${at('broken')}cache.storage is a folder of one node, which 2 replicas cannot share; set replicas to 1, or use StorageBackend.azureBlob`,
      `${at('broken')}nodes.mode has no default: a person says what happens to every node; write one of plan, apply, restore`,
      `${at('broken')}nodes.pools is empty; state the kinds of nodes, or leave out nodes`,
      `${at('crash')}does not load: line 1: Could not resolve "./not-there"`,
      `${at('empty')}exports no cluster; write: export default { name: …, … } satisfies Cluster`,
      `${at('renamed')}name is not the file's name (was "azure"); rename one of the two, or the wrong cluster would be applied`,
      `${at('typo')}does not load: line 1: Expected identifier but found end of file`,
    ]);
  });
});
