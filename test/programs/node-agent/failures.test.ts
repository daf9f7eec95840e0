import { describe, expect, test } from '@jest/globals';
import { CertificateAuthority } from '../../support/certificates';
import { MemoryFileSystem } from './support/memory-file-system';
import { cacheUrl, containerdDisk, hub, ok, refused, TestAgent, wedged } from './support/test-agent';
import { TestDockerd } from './support/test-dockerd';

const docker = { type: 'docker', imageStore: 'classic' } as const;
const file = '/etc/docker/daemon.json';
const original = '{\r\n  "debug" : true\r\n}';

async function appliedDocker() {
  const fs = new MemoryFileSystem().put(`/host${file}`, original);
  const dockerd = new TestDockerd(fs);
  const agent = await new TestAgent({ runtime: docker }, { fs, docker: dockerd }).applied();
  return { agent, dockerd, fs };
}

describe('cache down (refused)', () => {
  test('is withdrawn after three failed probes, and the file is as it was', async () => {
    const { agent, dockerd } = await appliedDocker();
    agent.answer = refused;
    await agent.steps(2);
    expect(agent.mirror.state).toBe('applied');
    await agent.steps(1);
    expect([agent.mirror.state, agent.text(file), dockerd.mirrors]).toEqual(['withdrawn', original, []]);
  });
});

describe('cache wedged', () => {
  test('is withdrawn within 65 s of the last good answer, time-outs included', async () => {
    const { agent } = await appliedDocker();
    const started = agent.clock.now();
    agent.answer = wedged;
    await agent.steps(3);
    expect(agent.mirror.state).toBe('withdrawn');
    // The steps take no time here: three time-outs of 2 s, and half an interval of chance, are added.
    expect(agent.clock.now() - started + 3 * 2_000 + 15_000).toBeLessThan(65_000);
  });
});

describe('packets dropped', () => {
  test('are a time-out like any other', async () => {
    const { agent } = await appliedDocker();
    agent.answer = { kind: 'failure', cause: 'timeout', detail: 'no whole answer' };
    await agent.steps(3);
    expect(agent.mirror.state).toBe('withdrawn');
  });
});

describe('malformed daemon.json', () => {
  test('is refused while the mirror is not in use', async () => {
    const fs = new MemoryFileSystem().put(`/host${file}`, '{');
    const agent = await new TestAgent({ runtime: docker }, { fs, docker: new TestDockerd(fs) }).applied();
    expect([agent.mirror.state, agent.text(file), agent.hungUp]).toEqual(['refused', '{', []]);
  });

  test('that somebody writes while it is in use is refused, left alone, and merged again once it is repaired', async () => {
    const { agent } = await appliedDocker();
    const signals = agent.hungUp.length;
    agent.put(file, '{');
    await agent.steps(2);
    expect([agent.mirror.state, agent.text(file), agent.hungUp.length]).toEqual(['refused', '{', signals]);
    agent.put(file, '{}');
    await agent.steps(1);
    expect(agent.mirror.state).toBe('applied');
    expect(agent.text(file)).toContain(cacheUrl);
  });
});

describe('mirror in flag and file', () => {
  test('is refused by the command line of dockerd, before anything is written', async () => {
    const fs = new MemoryFileSystem().put(`/host${file}`, original);
    const dockerd = new TestDockerd(fs, { args: ['--registry-mirror=http://10.0.0.1:5000'] });
    const agent = await new TestAgent({ runtime: docker }, { fs, docker: dockerd }).applied();
    expect([agent.mirror.state, agent.text(file)]).toEqual(['refused', original]);
  });
});

describe('HUP too early or to a wrong pid', () => {
  test('does not happen while dockerd starts', async () => {
    const fs = new MemoryFileSystem();
    const dockerd = new TestDockerd(fs);
    dockerd.answers = false;
    const agent = new TestAgent({ runtime: docker }, { fs, docker: dockerd });
    await agent.steps(3);
    expect(agent.hungUp).toEqual([]);
  });

  test('does not happen to a process that took the number over between the look and the signal', async () => {
    const fs = new MemoryFileSystem();
    const dockerd = new TestDockerd(fs);
    const api = {
      ping: async () => {
        if (fs.text(`/host${file}`) !== undefined) fs.put('/proc/4242/comm', 'postgres\n');
        return dockerd.api.ping();
      },
      info: dockerd.api.info,
    };
    const agent = new TestAgent(
      { runtime: docker },
      { fs, docker: { api, hangUp: (pid) => dockerd.hangUp(pid) } },
    );
    await agent.applied();
    expect(agent.hungUp).toEqual([]);
  });
});

describe('missing CA file', () => {
  test('cannot be: the authority is there before hosts.toml and goes after it, whatever fails between', async () => {
    const fs = containerdDisk().put('/ca.crt', new CertificateAuthority().cert);
    const mirrors = [hub({ endpoint: { type: 'url', url: 'https://cache.example' }, caFile: '/ca.crt' })];
    const agent = new TestAgent({ runtime: { type: 'containerd' }, mirrors }, { fs });
    const folder = '/host/etc/containerd/certs.d/docker.io';
    fs.onCall = () => {
      const names = fs.tree(folder);
      if (`${folder}/hosts.toml` in names) expect(names).toHaveProperty([`${folder}/docker-cache-ca.pem`]);
    };
    await agent.applied();
    agent.answer = refused;
    await agent.steps(3);
    expect(agent.mirror.state).toBe('withdrawn');
  });
});

describe('foreign edit since our write', () => {
  test('is merged again by apply, and kept by restore', async () => {
    const { agent } = await appliedDocker();
    agent.put(file, '{"debug": false, "registry-mirrors": ["https://theirs.example"]}');
    await agent.steps(1);
    expect(agent.text(file)).toBe(
      `{"debug": false, "registry-mirrors": ["${cacheUrl}", "https://theirs.example"]}`,
    );
    await agent.agent.restore();
    expect(agent.text(file)).toBe('{"debug": false, "registry-mirrors": ["https://theirs.example"]}');
  });
});

describe('DaemonSet deleted', () => {
  test('leaves the mirror on the node: restore, by whoever runs it next, takes it away', async () => {
    const { fs, dockerd } = await appliedDocker();
    const later = new TestAgent({ runtime: docker, mode: 'restore' }, { fs, docker: dockerd });
    await later.agent.restore();
    expect([later.mirror.state, later.text(file), dockerd.mirrors]).toEqual(['restored', original, []]);
  });
});

describe('credentials sent to a mirror', () => {
  test('that asks for a login without ours being configured: withdrawn at once', async () => {
    const { agent } = await appliedDocker();
    agent.answer = { kind: 'wrong', cause: 'challenge', detail: 'asks for a login' };
    await agent.steps(1);
    expect(agent.mirror.state).toBe('withdrawn');
    agent.answer = ok;
    await agent.steps(5);
    expect(agent.mirror.state).toBe('applied');
  });
});
