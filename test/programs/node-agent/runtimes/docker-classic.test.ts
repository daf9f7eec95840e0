import { describe, expect, test } from '@jest/globals';
import { CertificateAuthority } from '../../../support/certificates';
import { cacheUrl, ok, refused, TestAgent, hub, type TestConfig } from '../support/test-agent';
import { MemoryFileSystem } from '../support/memory-file-system';
import { TestDockerd, type TestDockerdOptions } from '../support/test-dockerd';

const runtime = { type: 'docker', imageStore: 'classic' } as const;
const file = '/etc/docker/daemon.json';
const odd = '{\n\t"log-driver":   "json-file",\n  "labels": ["größe=1"], "max-concurrent-downloads": 2\n}';

interface Setup {
  readonly daemonJson?: string;
  readonly dockerd?: TestDockerdOptions;
  readonly config?: Partial<TestConfig>;
}

function setUp({ daemonJson, dockerd, config }: Setup = {}) {
  const fs = new MemoryFileSystem();
  if (daemonJson !== undefined) fs.put(`/host${file}`, daemonJson, 0o600);
  const docker = new TestDockerd(fs, dockerd);
  return { docker, fs, agent: new TestAgent({ runtime, ...config }, { fs, docker }) };
}

describe('daemon.json', () => {
  test('gets the mirror and one signal; nothing else of it changes', async () => {
    const { agent, docker } = setUp({ daemonJson: odd });
    await agent.steps(6);
    expect(agent.mirror.state).toBe('applied');
    expect(agent.text(file)).toBe(odd.replace('2\n}', `2, "registry-mirrors": ["${cacheUrl}"]\n}`));
    expect(agent.fs.lstat(`/host${file}`)?.mode).toBe(0o600);
    expect(docker.mirrors).toEqual([cacheUrl]);
    expect(agent.hungUp).toEqual([4242]);
  });

  test('is made where there is none, and goes again', async () => {
    const { agent, docker, fs } = setUp();
    const before = fs.tree('/host');
    await agent.applied();
    expect(JSON.parse(agent.text(file) ?? '')).toEqual({ 'registry-mirrors': [cacheUrl] });
    await agent.agent.restore();
    expect(agent.mirror.state).toBe('restored');
    expect(fs.tree('/host')).toEqual(before);
    expect(docker.mirrors).toEqual([]);
  });

  test('keeps the mirrors of others behind ours', async () => {
    const { agent } = setUp({ daemonJson: '{"registry-mirrors": ["https://a.example"]}' });
    await agent.applied();
    expect(agent.text(file)).toBe(`{"registry-mirrors": ["${cacheUrl}", "https://a.example"]}`);
  });

  test('comes back byte for byte, and dockerd forgets the mirror although the key is gone', async () => {
    const { agent, docker } = setUp({ daemonJson: odd });
    await agent.applied();
    await agent.agent.restore();
    expect(agent.text(file)).toBe(odd);
    expect(agent.fs.lstat(`/host${file}`)?.mode).toBe(0o600);
    expect(docker.mirrors).toEqual([]);
    expect(() => docker.start()).not.toThrow();
  });

  test('keeps what somebody wrote since: only our entry goes', async () => {
    const { agent, docker } = setUp({ daemonJson: odd });
    await agent.applied();
    agent.put(file, `{"debug": true, "registry-mirrors": ["${cacheUrl}", "https://a.example"]}`);
    await agent.steps(1);
    await agent.agent.restore();
    expect(agent.text(file)).toBe('{"debug": true, "registry-mirrors": ["https://a.example"]}');
    expect(docker.mirrors).toEqual(['https://a.example']);
  });

  test('keeps what somebody wrote without our entry, which is merged again', async () => {
    const { agent } = setUp({ daemonJson: odd });
    await agent.applied();
    agent.put(file, '{"debug": true}');
    await agent.steps(1);
    expect(agent.text(file)).toBe(`{"debug": true,"registry-mirrors": ["${cacheUrl}"]}`);
    await agent.agent.restore();
    expect(agent.text(file)).toBe('{"debug": true}');
  });

  test('loses the mirror when the cache dies, and has it again when it is back', async () => {
    const { agent, docker } = setUp({ daemonJson: odd });
    await agent.applied();
    agent.answer = refused;
    await agent.steps(3);
    expect([agent.text(file), docker.mirrors, agent.mirror.state]).toEqual([odd, [], 'withdrawn']);
    agent.answer = ok;
    await agent.steps(5);
    expect([docker.mirrors, agent.mirror.state]).toEqual([[cacheUrl], 'applied']);
  });

  test('has a mirror that is taken over replaced, and restore does not bring it back', async () => {
    const old = 'http://10.151.40.4:30500';
    const daemonJson = `{"registry-mirrors": ["${old}/", "https://a.example"], "debug": false}`;
    const { agent } = setUp({ daemonJson, config: { replaces: [old] } });
    await agent.applied();
    expect(agent.text(file)).toBe(
      `{"registry-mirrors": ["${cacheUrl}", "https://a.example"], "debug": false}`,
    );
    await agent.agent.restore();
    expect(agent.text(file)).toBe('{"registry-mirrors": ["https://a.example"], "debug": false}');
  });

  test('changes with the address of the node, and keeps no old one', async () => {
    const { agent, docker, fs } = setUp({ daemonJson: odd });
    await agent.applied();
    const second = new TestAgent({ runtime, hostIp: 'fd00::7' }, { fs, docker });
    await second.applied();
    expect(docker.mirrors).toEqual(['http://[fd00::7]:30500']);
    await second.agent.restore();
    expect(second.text(file)).toBe(odd);
  });

  test('is not signalled again when the agent starts again', async () => {
    const { agent, docker, fs } = setUp({ daemonJson: odd });
    await agent.applied();
    const second = await new TestAgent({ runtime }, { fs, docker }).applied();
    expect(second.mirror.state).toBe('applied');
    expect(second.hungUp).toEqual([]);
  });

  test('is taken up by a dockerd that did not hear the signal of an agent that was ended', async () => {
    const { agent, docker, fs } = setUp({ daemonJson: odd });
    await agent.applied();
    docker.mirrors = [];
    const second = await new TestAgent({ runtime }, { fs, docker }).applied();
    expect(second.hungUp).toEqual([4242]);
    expect(docker.mirrors).toEqual([cacheUrl]);
  });
});

describe('a refusal', () => {
  async function refusal(setup: Setup): Promise<string> {
    const { agent } = setUp(setup);
    const before = agent.fs.tree('/host');
    await agent.steps(4);
    expect(agent.mirror.state).toBe('refused');
    expect(agent.fs.tree('/host')).toEqual(before);
    expect(agent.hungUp).toEqual([]);
    return [agent.mirror.reason, ...(agent.mirror.remedy ?? [])].join('\n');
  }

  test.each([
    ['not JSON', '{"debug": true,}', 'it is not JSON'],
    ['empty', '', 'it is not JSON'],
    ['a comment', '// ours\n{}', 'it is not JSON'],
    ['a list', '[]', 'it is not a JSON object'],
    ['a key twice', '{"debug": true, "debug": false}', '"debug" stands in it twice'],
    ['a key in another case', '{"Registry-Mirrors": []}', '"Registry-Mirrors" is not a key of dockerd'],
    [
      'mirrors that are no list',
      '{"registry-mirrors": "http://a"}',
      '"registry-mirrors" is not a list of URLs',
    ],
  ])('tells of a daemon.json that is %s', async (_name, daemonJson, reason) => {
    expect(await refusal({ daemonJson })).toBe(
      `/etc/docker/daemon.json would stop dockerd from starting: ${reason}\nrepair or remove /etc/docker/daemon.json`,
    );
  });

  test.each([[['--registry-mirror', 'http://a:5000']], [['--registry-mirror=http://a:5000']]])(
    'tells of a mirror on the command line (%p), which excludes one in the file',
    async (args) => {
      expect(await refusal({ dockerd: { args } })).toContain('move http://a:5000 to "registry-mirrors"');
    },
  );

  test('tells of another configuration file on the command line', async () => {
    const args = ['--config-file', '/etc/other.json'];
    expect(await refusal({ dockerd: { args } })).toContain('set configFile to /etc/other.json');
  });

  test('keeps the node as it is when a pid file names another process', async () => {
    const { agent, fs } = setUp();
    fs.put('/host/run/docker.pid', '17');
    await agent.steps(3);
    expect(agent.mirror.reason).toBe('/run/docker.pid names 17, and the dockerds of this node are 4242');
  });
});

describe('a key that dockerd does not know', () => {
  const daemonJson = '{"nonsense": 1}';

  test('is found out after the signal, and the file is rolled back', async () => {
    const { agent, docker } = setUp({ daemonJson });
    await agent.applied();
    expect(agent.mirror.state).toBe('refused');
    expect(agent.mirror.reason).toContain(`did not take up ${cacheUrl} within 5 s`);
    expect([agent.text(file), docker.mirrors]).toEqual([daemonJson, []]);
  });

  test('is not tried again until the file is another one', async () => {
    const { agent, docker } = setUp({ daemonJson });
    await agent.applied();
    const signals = agent.hungUp.length;
    await agent.steps(5);
    expect(agent.hungUp).toHaveLength(signals);
    agent.put(file, '{"debug": true}');
    await agent.steps(1);
    expect([agent.mirror.state, docker.mirrors]).toEqual(['applied', [cacheUrl]]);
  });
});

describe('dockerd', () => {
  test('that is starting is not signalled', async () => {
    const { agent, docker } = setUp();
    docker.answers = false;
    await agent.steps(3);
    expect(agent.mirror.reason).toContain('does not answer on /run/docker.sock: it may be starting');
    expect(agent.hungUp).toEqual([]);
    docker.answers = true;
    await agent.steps(3);
    expect(agent.mirror.state).toBe('applied');
  });

  test('that goes silent before a withdrawal is not signalled, and the withdrawal follows when it is back', async () => {
    const { agent, docker } = setUp({ daemonJson: odd });
    await agent.applied();
    agent.answer = refused;
    docker.answers = false;
    await agent.steps(4);
    expect(agent.mirror.state).toBe('refused');
    docker.answers = true;
    await agent.steps(1);
    expect([agent.mirror.state, agent.text(file), docker.mirrors]).toEqual(['withdrawn', odd, []]);
  });

  test('that stays silent for a minute ends the agent, so that its socket is mounted anew', async () => {
    const { agent, docker } = setUp();
    docker.answers = false;
    await expect(agent.steps(10)).rejects.toThrow('does not answer');
  });

  test('that is not there makes the node not applicable', async () => {
    const { agent, fs } = setUp();
    for (const name of ['comm', 'status', 'cmdline']) fs.delete(`/proc/4242/${name}`);
    fs.delete('/host/run/docker.sock');
    await agent.steps(3);
    expect(agent.mirror).toMatchObject({ state: 'notApplicable', reason: 'no dockerd runs on this node' });
  });

  test('of a Pod is left alone', async () => {
    const { agent, docker, fs } = setUp();
    docker.process({ args: ['dockerd'], nsPid: '4242\t17' });
    fs.delete('/host/run/docker.sock');
    await agent.steps(3);
    expect([agent.mirror.state, agent.hungUp]).toEqual(['notApplicable', []]);
  });

  test('of another user is left alone', async () => {
    const { agent, docker, fs } = setUp();
    docker.process({ args: ['dockerd'], uid: 1000 });
    fs.delete('/host/run/docker.sock');
    await agent.steps(3);
    expect([agent.mirror.state, agent.hungUp]).toEqual(['notApplicable', []]);
  });

  test('that is stopped is restored without a signal', async () => {
    const { agent, docker, fs } = setUp({ daemonJson: odd });
    await agent.applied();
    const signals = agent.hungUp.length;
    for (const name of ['comm', 'status', 'cmdline']) fs.delete(`/proc/4242/${name}`);
    docker.answers = false;
    await agent.agent.restore();
    expect([agent.mirror.state, agent.text(file), agent.hungUp.length]).toEqual(['restored', odd, signals]);
  });
});

test('a record of another image store is not mixed with this one', async () => {
  const { agent, docker, fs } = setUp({ daemonJson: odd });
  await agent.applied();
  const other = new TestAgent({ runtime: { type: 'docker', imageStore: 'containerd' } }, { fs, docker });
  docker.imageStore = 'containerd';
  await other.steps(3);
  expect(other.mirror.reason).toBe(
    'this node was changed for docker with the classic image store, and is now configured for another runtime',
  );
});

test('a private authority lies beside the mirror before daemon.json names it, and goes after it', async () => {
  const fs = new MemoryFileSystem().put('/ca/ca.crt', new CertificateAuthority().cert);
  const docker = new TestDockerd(fs);
  const mirrors = [
    hub({ endpoint: { type: 'url', url: 'https://cache.example.com' }, caFile: '/ca/ca.crt' }),
  ];
  const agent = new TestAgent({ runtime, mirrors }, { fs, docker });
  const renamed: string[] = [];
  fs.onCall = (call, path) => {
    if ((call === 'rename' || call === 'unlink') && path.startsWith('/host/etc'))
      renamed.push(`${call} ${path}`);
  };
  await agent.applied();
  const authority = '/host/etc/docker/certs.d/cache.example.com/ca.crt';
  expect(renamed).toEqual([`rename ${authority}`, `rename /host${file}`]);
  await agent.agent.restore();
  expect(renamed.slice(2).at(-1)).toBe(`unlink ${authority}`);
  expect(fs.lstat('/host/etc/docker/certs.d')).toBeUndefined();
});
