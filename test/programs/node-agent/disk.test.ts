import { describe, expect, test } from '@jest/globals';
import { MemoryFileSystem, systemError } from './support/memory-file-system';
import { cacheUrl, containerdDisk, hub, refused, TestAgent } from './support/test-agent';
import { TestDockerd } from './support/test-dockerd';

const docker = { type: 'docker', imageStore: 'classic' } as const;
const containerd = { type: 'containerd' } as const;
const daemonJson = '/etc/docker/daemon.json';

function dockerAgent(prepare: (fs: MemoryFileSystem) => void = () => undefined): TestAgent {
  const fs = new MemoryFileSystem();
  const dockerd = new TestDockerd(fs);
  prepare(fs);
  return new TestAgent({ runtime: docker }, { fs, docker: dockerd });
}

describe('a symbolic link', () => {
  test('is followed below the folder where the node is mounted, and stays a link', async () => {
    const agent = await dockerAgent((fs) =>
      fs.link('/host/etc/docker/daemon.json', '/opt/docker.json').put('/host/opt/docker.json', '{}'),
    ).applied();
    expect(agent.text('/opt/docker.json')).toContain(cacheUrl);
    expect(agent.fs.lstat(`/host${daemonJson}`)?.type).toBe('link');
    await agent.agent.restore();
    expect(agent.text('/opt/docker.json')).toBe('{}');
  });

  test('to a target outside of what is mounted is refused', async () => {
    const agent = await dockerAgent((fs) =>
      fs.link('/host/etc/docker/daemon.json', '/srv/docker.json'),
    ).applied();
    expect(agent.mirror.reason).toBe(
      '/etc/docker/daemon.json is a symbolic link, and its target /srv is outside the folders that the agent sees',
    );
  });

  test.each(['../../../../../../opt/docker.json', '/../../opt/docker.json'])(
    'that climbs (%s) does not leave the node',
    async (target) => {
      const agent = dockerAgent((fs) =>
        fs
          .link('/host/etc/docker/daemon.json', target)
          .put('/opt/docker.json', '{"outside": 1}')
          .folders('/host/opt'),
      );
      await agent.applied();
      expect(agent.mirror.state).toBe('refused');
      expect(agent.fs.text('/opt/docker.json')).toBe('{"outside": 1}');
    },
  );

  test('of a folder is followed for a file that is made', async () => {
    const fs = containerdDisk()
      .link('/host/etc/containerd/certs.d', '/opt/certs.d')
      .folders('/host/opt/certs.d');
    const agent = await new TestAgent({ runtime: containerd }, { fs }).applied();
    expect(agent.text('/opt/certs.d/docker.io/hosts.toml')).toContain(cacheUrl);
    await agent.agent.restore();
    expect(fs.lstat('/host/opt/certs.d/docker.io')).toBeUndefined();
    expect(fs.lstat('/host/opt/certs.d')?.type).toBe('folder');
  });

  test('to itself is refused', async () => {
    const agent = await dockerAgent((fs) => fs.link('/host/etc/docker/daemon.json', 'daemon.json')).applied();
    expect(agent.mirror.reason).toBe('/etc/docker/daemon.json is a circle of symbolic links');
  });
});

describe('an owner', () => {
  test.each([
    ['a file of a user', '/etc/docker/daemon.json', 1000, 0, '1000:0'],
    ['a file of a group', '/etc/docker/daemon.json', 0, 998, '0:998'],
    ['a folder of a user', '/etc/docker', 1000, 0, '1000'],
    ['a folder of a user further up', '/etc', 1000, 0, '1000'],
  ])(
    'that the agent could not keep, %s, is refused with the line to run',
    async (_name, path, uid, gid, owner) => {
      const agent = dockerAgent((fs) =>
        fs.put('/host/etc/docker/daemon.json', '{}').chown(`/host${path}`, uid, gid),
      );
      await agent.applied();
      expect(agent.mirror).toMatchObject({
        state: 'refused',
        reason: `${path} belongs to ${owner} and not to root, and the agent could not keep that`,
        remedy: [`chown root:root ${path}`],
      });
      expect(agent.text(daemonJson)).toBe('{}');
    },
  );
});

describe('a disk', () => {
  /** Lets a call of the disk fail with a code. */
  function failing(agent: TestAgent, call: string, code: string, below = '/host'): void {
    agent.fs.onCall = (name, path) => {
      if (name === call && path.startsWith(below)) throw systemError(code);
    };
  }

  test('that is full in the middle of a write loses nothing, and leaves no piece behind', async () => {
    const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{"debug": true}'));
    agent.fs.writeLimit = 10;
    let writes = 0;
    agent.fs.onCall = (call, path) => {
      if (call === 'write' && path.startsWith('/host/etc') && ++writes > 1) throw systemError('ENOSPC');
    };
    await agent.applied();
    expect(agent.mirror.reason).toBe('cannot write /etc/docker/daemon.json: the disk is full (ENOSPC)');
    expect(agent.text(daemonJson)).toBe('{"debug": true}');
    expect(agent.fs.readdir('/host/etc/docker')).toEqual(['daemon.json']);
    expect(agent.hungUp).toEqual([]);
    agent.fs.onCall = () => undefined;
    await agent.steps(1);
    expect(agent.mirror.state).toBe('applied');
  });

  test('that is full before the record is written has no file of the node touched', async () => {
    const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{}'));
    failing(agent, 'write', 'ENOSPC', '/host/var');
    await agent.applied();
    expect(agent.mirror.reason).toContain('/var/lib/docker-cache/record.json: the disk is full');
    expect(agent.text(daemonJson)).toBe('{}');
  });

  test('that is read-only is refused', async () => {
    const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{}'));
    failing(agent, 'create', 'EROFS', '/host/etc');
    await agent.applied();
    expect(agent.mirror.reason).toBe(
      'cannot write /etc/docker/daemon.json: its file system is read-only (EROFS)',
    );
    expect(agent.text(daemonJson)).toBe('{}');
  });

  test.each([
    ['EACCES', 'the agent has no permission'],
    ['EBUSY', 'it is mounted by itself; mount its folder instead'],
    ['EIO', 'the disk has an error'],
  ])('that fails the rename with %s is refused, and leaves no piece behind', async (code, meaning) => {
    const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{}'));
    failing(agent, 'rename', code, '/host/etc');
    await agent.applied();
    expect(agent.mirror.reason).toBe(`cannot write /etc/docker/daemon.json: ${meaning} (${code})`);
    expect(agent.fs.readdir('/host/etc/docker')).toEqual(['daemon.json']);
  });

  test('that loses bytes is found out before the rename', async () => {
    const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{}'));
    const temporary = '/host/etc/docker/.daemon.json.docker-cache.tmp';
    agent.fs.onCall = (call, path) => {
      if (call === 'close' && path === temporary) agent.fs.put(temporary, '{');
    };
    await agent.applied();
    expect(agent.mirror.reason).toBe('/etc/docker/daemon.json did not arrive whole on the disk');
    expect(agent.text(daemonJson)).toBe('{}');
  });
});

test('a file that somebody changes between reading and renaming is not overwritten', async () => {
  const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{}'));
  let changed = false;
  agent.fs.onCall = (call, path) => {
    if (call !== 'fsync' || !path.startsWith('/host/etc') || changed) return;
    changed = true;
    agent.put(daemonJson, '{"theirs": true}');
  };
  await agent.applied();
  expect(agent.mirror.reason).toContain('was changed by somebody else a moment ago');
  expect(agent.text(daemonJson)).toBe('{"theirs": true}');
});

test('a piece of a write that was cut off is replaced, and goes with restore', async () => {
  const agent = new TestAgent({ runtime: containerd }, { fs: containerdDisk() });
  const piece = '/etc/containerd/certs.d/docker.io/.hosts.toml.docker-cache.tmp';
  agent.put(piece, 'half');
  await agent.applied();
  expect(agent.text(piece)).toBeUndefined();
  agent.put(piece, 'half');
  await agent.agent.restore();
  expect(agent.text(piece)).toBeUndefined();
});

test('a file that is not UTF-8 is refused: it could not be written back', async () => {
  const agent = dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', Buffer.from([0x7b, 0xff, 0x7d])));
  await agent.applied();
  expect(agent.mirror.reason).toBe('/etc/docker/daemon.json is not UTF-8 text');
});

test('a folder in the place of the file is refused', async () => {
  const agent = await dockerAgent((fs) => fs.folders('/host/etc/docker/daemon.json')).applied();
  expect(agent.mirror.reason).toBe('/etc/docker/daemon.json is no file; remove it or choose another path');
});

test('a folder that the kubelet mounted stays, and does not stop restore', async () => {
  const agent = await new TestAgent({ runtime: containerd }, { fs: containerdDisk() }).applied();
  agent.fs.onCall = (call, path) => {
    if (call === 'rmdir' && path.endsWith('certs.d')) throw systemError('EBUSY');
  };
  await agent.agent.restore();
  expect(agent.mirror.state).toBe('restored');
  expect(agent.fs.readdir('/host/etc/containerd/certs.d')).toEqual([]);
});

describe('the record', () => {
  const path = '/var/lib/docker-cache/record.json';

  test('is durable before the first change, in a folder that only root reads', async () => {
    const agent = dockerAgent((fs) =>
      fs.put('/host/etc/docker/daemon.json', '{}').folders('/host/var/lib/docker-cache'),
    );
    const calls: string[] = [];
    agent.fs.onCall = (call, at) => {
      if (/create|fsync|rename/.test(call)) calls.push(`${call} ${at.replace('/host', '')}`);
    };
    await agent.applied();
    const file = (folder: string, name: string) => [
      `create ${folder}/.${name}.docker-cache.tmp`,
      `fsync ${folder}/.${name}.docker-cache.tmp`,
      `rename ${folder}/${name}`,
      `fsyncFolder ${folder}`,
    ];
    expect(calls.slice(0, 8)).toEqual([
      ...file('/var/lib/docker-cache', 'record.json'),
      ...file('/etc/docker', 'daemon.json'),
    ]);
    expect(agent.fs.lstat(`/host${path}`)?.mode).toBe(0o600);
    expect(agent.fs.lstat('/host/var/lib/docker-cache')?.mode).toBe(0o700);
  });

  test('keeps what was found first, however often the agent writes', async () => {
    const agent = await dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{"first": 1}')).applied();
    const original = () =>
      (JSON.parse(agent.text(path) ?? '') as { files: { original: { base64: string } }[] }).files[0]?.original
        .base64;
    expect(Buffer.from(original() ?? '', 'base64').toString()).toBe('{"first": 1}');
    agent.put(daemonJson, '{"second": 2}');
    await agent.steps(1);
    expect(Buffer.from(original() ?? '', 'base64').toString()).toBe('{"first": 1}');
    await agent.agent.restore();
    expect(agent.text(daemonJson)).toBe('{"second": 2}');
  });

  test('of a withdrawn mirror is forgotten: what is found the next time is the original then', async () => {
    const agent = await dockerAgent((fs) => fs.put('/host/etc/docker/daemon.json', '{"first": 1}')).applied();
    agent.answer = refused;
    await agent.steps(3);
    agent.put(daemonJson, '{"second": 2}');
    agent.answer = { kind: 'ok' };
    await agent.steps(5);
    await agent.agent.restore();
    expect(agent.text(daemonJson)).toBe('{"second": 2}');
  });

  test('of a newer agent is refused and left alone', async () => {
    const agent = dockerAgent();
    agent.put(path, '{"version": 2, "more": true}');
    await agent.applied();
    expect(agent.mirror).toMatchObject({
      state: 'refused',
      reason: `${path} has version 2, which is newer than this agent's 1`,
      remedy: ['use the agent that wrote it, or a newer one'],
    });
    await agent.agent.restore();
    expect([agent.mirror.state, agent.text(path)]).toEqual(['refused', '{"version": 2, "more": true}']);
  });

  test.each(['', '{', '{"version": 1}', '{"version": 1, "pool": "nodes", "surprise": 1}'])(
    'that is damaged (%p) is refused and left alone',
    async (text) => {
      const agent = dockerAgent();
      agent.put(path, text);
      await agent.applied();
      expect(agent.mirror.reason).toBe(`${path} is damaged, so what this node looked like is not known`);
      expect(agent.text(path)).toBe(text);
    },
  );
});

test('restore reports every mirror as refused when one file cannot be brought back', async () => {
  const quay = hub({
    host: 'quay.io',
    server: 'https://quay.io',
    endpoint: { type: 'nodePort', port: 30502 },
  });
  const agent = await new TestAgent(
    { runtime: containerd, mirrors: [hub(), quay] },
    { fs: containerdDisk() },
  ).applied();
  agent.fs.onCall = (call, path) => {
    if (call === 'unlink' && path.includes('quay.io/hosts')) throw systemError('EROFS');
  };
  await agent.agent.restore();
  expect(agent.board.status.mirrors.map(({ state }) => state)).toEqual(['refused', 'refused']);
  agent.fs.onCall = () => undefined;
  await agent.agent.restore();
  expect(agent.fs.lstat('/host/etc/containerd/certs.d')).toBeUndefined();
});
