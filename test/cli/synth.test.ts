import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { cli } from '../support/cli';
import { azureWithKey, guideFilesystem, layout } from '../support/openpai-files';
import { otherProject } from '../support/other-project';

const project = resolve(__dirname, '../..');

/** A person's own project: cluster files that import the package, and nothing of ours beside them. */
describe('docker-cache synth in a project of somebody else', () => {
  let root: string;

  beforeAll(() => {
    root = otherProject();
    writeFileSync(join(root, 'config.yaml'), guideFilesystem);
    writeFileSync(join(root, 'azure.yaml'), azureWithKey);
    writeFileSync(join(root, 'layout.yaml'), layout);
    writeFileSync(join(root, 'account-key'), 'bm90IGEga2V5IQ==');
  });
  afterEach(() => {
    rmSync(join(root, 'dist'), { recursive: true, force: true });
    for (const name of ['broken', 'wrong', 'second-wrong', 'openpai']) {
      rmSync(join(root, 'stacks/clusters', `${name}.ts`), { force: true });
    }
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });

  function run(...args: string[]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(project, 'bin/docker-cache.js'), ...args],
      {
        cwd: root,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], HOME: root },
      },
    );
    return { status, stdout, stderr };
  }
  const written = () => readdirSync(join(root, 'dist')).sort();
  const manifest = (name: string) => readFileSync(join(root, 'dist', `${name}.k8s.yaml`), 'utf8');
  const cluster = (name: string, text: string) => {
    writeFileSync(join(root, 'stacks/clusters', `${name}.ts`), text);
  };

  it('writes the same bytes as the cdk8s front end', () => {
    expect(run('synth')).toEqual({
      status: 0,
      stderr: '',
      stdout:
        'dist/azure.k8s.yaml\ndist/azure-identity.k8s.yaml\ndist/custom-registry.k8s.yaml\ndist/filesystem.k8s.yaml\n',
    });
    const outdir = join(root, 'cdk8s');
    const env = { PATH: process.env['PATH'], CDK8S_OUTDIR: outdir };
    expect(spawnSync(process.execPath, ['stacks/run.js'], { cwd: project, env }).status).toBe(0);
    for (const file of written()) {
      expect(readFileSync(join(outdir, file), 'utf8')).toBe(readFileSync(join(root, 'dist', file), 'utf8'));
    }
    rmSync(outdir, { recursive: true });
  });

  it('writes the clusters that are named, where it is told', () => {
    expect(run('synth', 'filesystem', '--out', 'dist/there', '--json')).toEqual({
      status: 0,
      stderr: '',
      stdout: '{\n  "written": [\n    "dist/there/filesystem.k8s.yaml"\n  ]\n}\n',
    });
    expect(readdirSync(join(root, 'dist/there'))).toEqual(['filesystem.k8s.yaml']);
  });

  it('writes nothing when one of them is wrong, and names every problem', () => {
    cluster(
      'wrong',
      `import { type Cluster, NodeRuntime, StorageBackend } from 'docker-cache';
export default {
  name: 'wrong',
  cache: { storage: StorageBackend.hostPath({ node: '' }), replicas: 2 },
  nodes: { mode: 'plan', pools: [{ runtime: NodeRuntime.docker() }] },
} satisfies Cluster;
`,
    );
    cluster('broken', 'export default {\n  name: ,\n};\n');
    cluster('second-wrong', "throw new Error('out of order');\n");
    const { status, stdout, stderr } = run('synth');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([
      'stacks/clusters/broken.ts: does not load: line 2: Unexpected ","',
      'stacks/clusters/second-wrong.ts: does not load: out of order',
      expect.stringMatching(
        /^stacks\/clusters\/wrong\.ts: cache\.storage\.node must name the node .*; write its /,
      ),
      'stacks/clusters/wrong.ts: cache.storage is a folder of one node, which 2 replicas cannot share; set replicas to 1, or use StorageBackend.azureBlob',
    ]);
    expect(() => written()).toThrow('ENOENT');
    expect(JSON.parse(run('synth', '--json').stdout)).toEqual({ problems: stderr.trimEnd().split('\n') });
  });

  it('names the clusters that there are when another one is asked for', () => {
    expect(run('synth', 'azur')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'no cluster is named azur; there are: azure, azure-identity, custom-registry, filesystem\n',
    });
  });

  it('goes from an OpenPAI file to a manifest at once', () => {
    expect(run('synth', '--config', 'config.yaml', '--layout', 'layout.yaml', '--name', 'lab')).toEqual({
      status: 0,
      stderr: '',
      stdout: 'dist/lab.k8s.yaml\n',
    });
    expect(written()).toEqual(['lab.k8s.yaml']);
    expect(manifest('lab')).toContain('docker-cache.pai-master.var.lib.registry.docker-io');
  });

  it.each([
    [['synth', 'azure', '--config', 'config.yaml'], '--config makes one cluster itself; leave out azure'],
    [['synth', '--node', 'x'], 'options of import need --config, the OpenPAI file that they complete'],
  ])('refuses %j', async (args, message) => {
    expect(await cli(args)).toMatchObject({
      code: 2,
      out: '',
      error: `${message}\nsee docker-cache --help\n`,
    });
  });

  it('takes an imported file as it is, with the same manifest as --config', () => {
    const options = ['--layout', 'layout.yaml', '--node-port', '30501'];
    expect(run('import', 'azure.yaml', ...options)).toMatchObject({ status: 0, stderr: '' });
    expect(run('synth', 'openpai').status).toBe(0);
    const imported = manifest('openpai');
    expect(run('synth', '--config', 'azure.yaml', ...options).status).toBe(0);
    expect(manifest('openpai')).toBe(imported);
    expect(imported).toContain('nodePort: 30501');
    expect(imported).toContain('"http://10.0.0.1:30500"');
  });

  it('prints the Secret of an imported cluster from a file', () => {
    expect(run('import', 'azure.yaml').status).toBe(0);
    const { status, stdout, stderr } = run(
      'secret',
      'openpai',
      '--file',
      'azure-storage.accountKey=account-key',
    );
    expect({ status, stdout }).toEqual({
      status: 0,
      stdout: `apiVersion: v1
kind: Secret
metadata:
  name: azure-storage
  namespace: docker-cache
type: Opaque
data:
  accountKey: Ym05MElHRWdhMlY1SVE9PQ==
`,
    });
    expect(stderr).toMatch(/^warning: account-key: the key has 10 bytes/);
  });

  it('bundles cluster files that share helpers of their own', () => {
    mkdirSync(join(root, 'stacks/shared'), { recursive: true });
    writeFileSync(join(root, 'stacks/shared/nodes.ts'), "export const node = 'node-of-helper';\n");
    cluster(
      'openpai',
      `import { type Cluster, StorageBackend } from 'docker-cache';
import { node } from '../shared/nodes';
export default { name: 'openpai', cache: { storage: StorageBackend.hostPath({ node }) } } satisfies Cluster;
`,
    );
    expect(run('synth', 'openpai')).toMatchObject({ status: 0, stderr: '' });
    expect(manifest('openpai')).toContain('node-of-helper');
  });
});

describe('the cache of bundles', () => {
  let root: string;
  beforeAll(() => {
    root = otherProject();
  });
  afterAll(() => {
    rmSync(root, { recursive: true });
  });
  const synth = (home: string) =>
    spawnSync(process.execPath, [join(project, 'bin/docker-cache.js'), 'synth'], {
      cwd: root,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: home, TMPDIR: root },
    });

  it('is in the home folder where the project has no node_modules, and nothing is left in the project', () => {
    const home = join(root, 'home');
    mkdirSync(home);
    expect(synth(home).status).toBe(0);
    expect(readdirSync(join(home, '.cache/docker-cache')).join()).toContain('filesystem.ts-');
    expect(readdirSync(root).sort()).toEqual(['dist', 'home', 'stacks']);
  });

  it.each(['a folder that others can write to', 'a link to a folder'])('is never %s', (kind) => {
    const home = join(root, kind);
    const found = join(home, '.cache/docker-cache');
    mkdirSync(join(home, '.cache'), { recursive: true });
    if (kind.startsWith('a link')) {
      mkdirSync(join(home, 'elsewhere'));
      symlinkSync(join(home, 'elsewhere'), found);
    } else {
      mkdirSync(found);
      chmodSync(found, 0o777);
    }
    expect(synth(home).status).toBe(0);
    expect(readdirSync(found)).toEqual([]);
  });
});
