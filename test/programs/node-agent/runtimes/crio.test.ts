import { describe, expect, test } from '@jest/globals';
import { CertificateAuthority } from '../../../support/certificates';
import { MemoryFileSystem } from '../support/memory-file-system';
import { hub, refused, TestAgent } from '../support/test-agent';

const runtime = { type: 'crio' } as const;
const file = '/etc/containers/registries.conf.d/50-docker-cache-docker.io.conf';

function nodeWithCrio(ageSeconds = 100): MemoryFileSystem {
  const fs = new MemoryFileSystem()
    .folders('/host/etc/containers/registries.conf.d')
    .folders('/host/var/lib');
  fs.put('/proc/77/comm', 'crio\n').put('/proc/77/cmdline', '/usr/bin/crio\0');
  fs.put('/proc/77/status', 'State:\tS\nUid:\t0\t0\t0\t0\nNSpid:\t77\n');
  fs.put('/proc/uptime', '1000.50 100.00');
  fs.put('/proc/77/stat', `77 (cri o) S ${Array(18).fill('0').join(' ')} ${(1000 - ageSeconds) * 100} 0`);
  return fs;
}

describe('CRI-O', () => {
  test('has a drop-in of our own, and one signal', async () => {
    const agent = new TestAgent({ runtime }, { fs: nodeWithCrio() });
    const before = agent.fs.tree('/host');
    await agent.steps(6);
    expect(agent.text(file)).toBe(
      `# Written by docker-cache, which keeps it up to date and removes it with mode "restore".
[[registry]]
prefix = "docker.io"
location = "docker.io"

[[registry.mirror]]
location = "10.0.0.4:30500"
insecure = true
`,
    );
    expect(agent.hungUp).toEqual([77]);
    await agent.agent.restore();
    expect(agent.hungUp).toEqual([77, 77]);
    expect(agent.fs.tree('/host')).toEqual(before);
  });

  test('has a mirror of https with its authority where it looks for it', async () => {
    const fs = nodeWithCrio().put('/ca.crt', new CertificateAuthority().cert);
    const mirrors = [
      hub({ endpoint: { type: 'url', url: 'https://cache.example.com/hub' }, caFile: '/ca.crt' }),
    ];
    const agent = await new TestAgent({ runtime, mirrors }, { fs }).applied();
    expect(agent.text(file)).toContain('location = "cache.example.com/hub"\n');
    expect(agent.text(file)).not.toContain('insecure');
    expect(agent.text('/etc/containers/certs.d/cache.example.com/ca.crt')).toContain('BEGIN CERTIFICATE');
  });

  test.each([
    ['registries.conf', '[[registry]]\nprefix = "docker.io"\nlocation = "a.example"\n'],
    ['registries.conf.d/010-other.conf', '[[registry]]\nlocation = "docker.io"\n'],
  ])('is refused when %s has a table for the registry', async (name, text) => {
    const agent = new TestAgent({ runtime }, { fs: nodeWithCrio() }).put(`/etc/containers/${name}`, text);
    await agent.applied();
    expect(agent.mirror.reason).toBe(`/etc/containers/${name} has a table for docker.io already`);
    expect(agent.hungUp).toEqual([]);
  });

  test('is refused when a file cannot be read, or is of version 1', async () => {
    const agent = new TestAgent({ runtime }, { fs: nodeWithCrio() });
    agent.put('/etc/containers/registries.conf', '[registries.search]\nregistries = ["docker.io"]\n');
    await agent.steps(1);
    expect(agent.mirror.reason).toContain('version 1');
    agent.put('/etc/containers/registries.conf', 'nonsense');
    await agent.steps(1);
    expect(agent.mirror.reason).toContain('it is not TOML');
  });

  test('that has just started is not signalled until it listens', async () => {
    const agent = new TestAgent({ runtime }, { fs: nodeWithCrio(3) });
    await agent.applied();
    expect([agent.mirror.state, agent.hungUp]).toEqual(['refused', []]);
    agent.fs.put('/proc/uptime', '1050.00 100.00');
    await agent.steps(1);
    expect([agent.mirror.state, agent.hungUp]).toEqual(['applied', [77]]);
  });

  test('loses the mirror when the cache dies', async () => {
    const agent = await new TestAgent({ runtime }, { fs: nodeWithCrio() }).applied();
    agent.answer = refused;
    await agent.steps(3);
    expect([agent.text(file), agent.hungUp]).toEqual([undefined, [77, 77]]);
  });

  test('that does not run makes the node not applicable', async () => {
    expect((await new TestAgent({ runtime }).applied()).mirror.state).toBe('notApplicable');
  });
});
