import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hostUrls, removeHostsTomlBlock } from '../../../lib/render/hosts-toml';
import { parseToml, tomlTable } from '../../../lib/render/toml';
import { HostDisk } from '../../../lib/programs/node-agent/disk/host-disk';
import { RecordStore } from '../../../lib/programs/node-agent/disk/record-store';
import { daemonJsonEdit } from '../../../lib/programs/node-agent/edits/daemon-json-edit';
import type { FileEdit } from '../../../lib/programs/node-agent/edits/file-edit';
import { hostsTomlEdit } from '../../../lib/programs/node-agent/edits/hosts-toml-edit';
import { withdrawals } from '../../../lib/programs/node-agent/edits/withdrawals';
import { NodeFiles } from '../../../lib/programs/node-agent/engine/node-files';
import { MemoryFileSystem } from './support/memory-file-system';
import { daemonJsonText, hostsTomlText } from './support/random-files';
import { cacheUrl, containerdConfig, TestAgent } from './support/test-agent';
import { TestDockerd } from './support/test-dockerd';

/** Random files of each kind; the tests on real parts take ten thousand and some, which takes its time. */
const numRuns = Number(process.env['RANDOM_FILES'] ?? '600');

const daemonJson = '/etc/docker/daemon.json';
const hostsToml = '/etc/containerd/certs.d/docker.io/hosts.toml';

/** An agent on a node whose file says this. */
function dockerNode(text: string): TestAgent {
  const fs = new MemoryFileSystem().put(`/host${daemonJson}`, text);
  const docker = new TestDockerd(fs);
  return new TestAgent({ runtime: { type: 'docker', imageStore: 'classic' } }, { fs, docker });
}

function containerdNode(text: string): TestAgent {
  const fs = new MemoryFileSystem().put('/host/etc/containerd/config.toml', containerdConfig);
  fs.put(`/host${hostsToml}`, text).folders('/host/var/lib');
  return new TestAgent({ runtime: { type: 'containerd' }, mergeForeignFiles: true }, { fs });
}

/** Applies, applies again and takes the entry out: the text in between. */
function roundTrip(text: string, edit: FileEdit): string {
  const applied = edit.apply(text, []);
  if (edit.apply(applied, []) !== applied) throw new Error('a second apply changes something');
  const { withdraw, original } = withdrawals[edit.kind];
  if (original(text, edit) !== text) throw new Error('the original does not come back');
  if (withdraw(applied, edit) === undefined) throw new Error('the rest is gone');
  return applied;
}

/** Applies and restores with the part of the agent that writes: the file comes back byte for byte. */
function written(text: string, path: string, edit: FileEdit): void {
  const fs = new MemoryFileSystem().put(`/host${path}`, text, 0o640).folders('/host/var/lib');
  const disk = new HostDisk(fs, '/host');
  const store = new RecordStore(
    disk,
    '/var/lib/state',
    { pool: 'nodes', runtime: { type: 'containerd' } },
    () => 0,
  );
  const files = new NodeFiles(disk, store, false);
  const mirror = { host: 'docker.io', files: [{ path, mode: 0o644, secret: false, edit }] };
  const before = fs.tree('/host/etc');
  files.apply(mirror);
  files.withdraw(store.load().files);
  expect(fs.tree('/host/etc')).toEqual(before);
}

describe('of ten thousand random files', () => {
  test('each daemon.json is one after apply, holds all it held, and comes back byte for byte', () => {
    const edit = daemonJsonEdit({ path: daemonJson, url: cacheUrl, replaces: [] });
    fc.assert(
      fc.property(daemonJsonText, (text) => {
        written(text, daemonJson, edit);
        const applied = roundTrip(text, edit);
        const { 'registry-mirrors': before, ...others } = JSON.parse(text) as Record<string, unknown>;
        const { 'registry-mirrors': after, ...kept } = JSON.parse(applied) as Record<string, unknown>;
        expect(JSON.stringify([kept, after])).toBe(
          JSON.stringify([others, [cacheUrl, ...((before ?? []) as string[])]]),
        );
      }),
      { numRuns },
    );
  });

  test('each hosts.toml is one after apply, holds all it held behind ours, and comes back byte for byte', () => {
    const mirror = { server: 'https://registry-1.docker.io', url: cacheUrl };
    const edit = hostsTomlEdit({ path: hostsToml, mirror, replaces: [], merge: true });
    fc.assert(
      fc.property(hostsTomlText, (text) => {
        written(text, hostsToml, edit);
        const applied = roundTrip(text, edit);
        expect(removeHostsTomlBlock(applied)).toBe(text);
        expect(hostUrls(applied)).toEqual([cacheUrl, ...hostUrls(text)]);
        const { host, ...others } = parseToml(applied);
        const { [cacheUrl]: ours, ...theirs } = tomlTable(host) ?? {};
        expect(ours).toEqual({ capabilities: ['pull', 'resolve'] });
        expect({ host: theirs, ...others }).toEqual({ host: {}, ...parseToml(text) });
      }),
      { numRuns },
    );
  });
});

describe('an edit of somebody else between apply and restore', () => {
  test('of a daemon.json survives', async () => {
    await fc.assert(
      fc.asyncProperty(daemonJsonText, fc.boolean(), async (text, keepsOurs) => {
        const agent = await dockerNode(text).applied();
        const now = JSON.parse(keepsOurs ? (agent.text(daemonJson) ?? '') : text) as Record<string, unknown>;
        agent.put(daemonJson, JSON.stringify({ ...now, theirs: 'größe' }, undefined, 3));
        await agent.steps(1);
        expect(agent.text(daemonJson)).toContain(cacheUrl);
        await agent.agent.restore();
        const { 'registry-mirrors': after, ...kept } = JSON.parse(agent.text(daemonJson) ?? '') as Record<
          string,
          unknown
        >;
        const { 'registry-mirrors': before, ...others } = JSON.parse(text) as Record<string, unknown>;
        expect(kept).toEqual({ ...others, theirs: 'größe' });
        expect(after ?? []).toEqual(before ?? []);
      }),
      { numRuns: 60 },
    );
  });

  test('of a hosts.toml survives', async () => {
    await fc.assert(
      fc.asyncProperty(hostsTomlText, fc.boolean(), async (text, keepsOurs) => {
        const agent = await containerdNode(text).applied();
        const now = keepsOurs ? (agent.text(hostsToml) ?? '') : text;
        const edited = `${now}\n[host."https://theirs.example"]\n`;
        agent.put(hostsToml, edited);
        await agent.steps(1);
        expect(hostUrls(agent.text(hostsToml) ?? '')[0]).toBe(cacheUrl);
        await agent.agent.restore();
        expect(parseToml(agent.text(hostsToml) ?? '')).toEqual(
          parseToml(`${text}\n[host."https://theirs.example"]\n`),
        );
      }),
      { numRuns: 60 },
    );
  });
});
