import { describe, expect, test } from '@jest/globals';
import {
  cacheUrl,
  containerdConfig,
  containerdDisk,
  hub,
  ok,
  refused,
  TestAgent,
  wedged,
} from './support/test-agent';

const runtime = { type: 'containerd' } as const;
const file = '/etc/containerd/certs.d/docker.io/hosts.toml';

/** An agent that has its mirror in use. */
function appliedAgent(): Promise<TestAgent> {
  return new TestAgent({ runtime }, { fs: containerdDisk() }).applied();
}

describe('apply', () => {
  test('writes after three good answers and not before', async () => {
    const test = new TestAgent({ runtime }, { fs: containerdDisk() });
    await test.steps(2);
    expect(test.mirror.state).toBe('probing');
    expect(test.text(file)).toBeUndefined();
    await test.steps(1);
    expect(test.mirror).toMatchObject({ state: 'applied', files: [file], url: cacheUrl });
    expect(test.text(file)).toBe(
      [
        '# Written by docker-cache, which keeps it up to date and removes it with mode "restore".',
        'server = "https://registry-1.docker.io"',
        '',
        '[host."http://10.0.0.4:30500"]',
        '  capabilities = ["pull", "resolve"]',
        '',
      ].join('\n'),
    );
  });

  test('keeps a mirror that is not up at the start away from the node', async () => {
    const test = new TestAgent({ runtime }, { fs: containerdDisk() });
    test.answer = refused;
    await test.steps(4);
    expect(test.mirror).toMatchObject({
      state: 'probing',
      probe: { result: 'refused', detail: 'connection refused' },
    });
    expect(test.text(file)).toBeUndefined();
  });

  test('withdraws a mirror that died, to the last folder, and applies it again when it is back', async () => {
    const test = await appliedAgent();
    test.answer = wedged;
    await test.steps(3);
    expect(test.mirror).toMatchObject({ state: 'withdrawn', files: [], withdrawals: 1 });
    expect(test.fs.lstat('/host/etc/containerd/certs.d')).toBeUndefined();
    test.answer = ok;
    await test.steps(4);
    expect(test.mirror.state).toBe('withdrawn');
    await test.steps(1);
    expect(test.mirror.state).toBe('applied');
    expect(test.text(file)).toContain(cacheUrl);
  });

  test('does not write, and does not signal, when nothing changes', async () => {
    const test = await appliedAgent();
    const writes: string[] = [];
    test.fs.onCall = (call, path) => {
      if (['create', 'write', 'rename', 'unlink', 'mkdir', 'chmod'].includes(call))
        writes.push(`${call} ${path}`);
    };
    await test.steps(5);
    expect(writes).toEqual([]);
    const again = await new TestAgent({ runtime }, { fs: test.fs }).applied();
    expect(again.mirror.state).toBe('applied');
    expect(writes).toEqual([]);
  });

  test('writes its entry again when somebody removed it', async () => {
    const test = await appliedAgent();
    test.fs.delete(`/host${file}`);
    await test.steps(1);
    expect(test.text(file)).toContain(cacheUrl);
  });

  test('follows a new address of the node when it starts again', async () => {
    const first = await appliedAgent();
    const second = await new TestAgent({ runtime, hostIp: '10.0.0.9' }, { fs: first.fs }).applied();
    expect(second.text(file)).toContain('http://10.0.0.9:30500');
    expect(second.text(file)).not.toContain('10.0.0.4');
    await second.agent.restore();
    expect(second.fs.lstat('/host/etc/containerd/certs.d')).toBeUndefined();
  });

  test('withdraws a mirror that the configuration no longer has', async () => {
    const quay = hub({
      host: 'quay.io',
      server: 'https://quay.io',
      endpoint: { type: 'nodePort', port: 30502 },
    });
    const both = await new TestAgent({ runtime, mirrors: [hub(), quay] }, { fs: containerdDisk() }).applied();
    expect(both.text('/etc/containerd/certs.d/quay.io/hosts.toml')).toContain(':30502');
    const stop = new AbortController();
    stop.abort();
    const one = new TestAgent({ runtime }, { fs: both.fs });
    await one.agent.apply(stop.signal);
    expect(one.fs.lstat('/host/etc/containerd/certs.d/quay.io')).toBeUndefined();
    expect(one.text(file)).toContain(cacheUrl);
  });

  test('keeps the mirrors apart: one that died takes no other with it', async () => {
    const quay = hub({
      host: 'quay.io',
      server: 'https://quay.io',
      endpoint: { type: 'nodePort', port: 30502 },
    });
    let hubAnswer = ok;
    const prober = {
      probe: ({ host }: { host: string }) => Promise.resolve(host === 'docker.io' ? hubAnswer : ok),
    };
    const test = new TestAgent({ runtime, mirrors: [hub(), quay] }, { fs: containerdDisk(), prober });
    await test.applied();
    hubAnswer = refused;
    await test.steps(3);
    expect(test.board.status.mirrors.map(({ host, state }) => [host, state])).toEqual([
      ['docker.io', 'withdrawn'],
      ['quay.io', 'applied'],
    ]);
  });

  test('is not applicable where the runtime is not, and asks no mirror', async () => {
    let asked = 0;
    const prober = {
      probe: () => {
        asked += 1;
        return Promise.resolve(ok);
      },
    };
    const test = new TestAgent({ runtime }, { prober });
    await test.steps(5);
    expect(test.mirror.state).toBe('notApplicable');
    expect(asked).toBe(0);
    expect(Object.keys(test.fs.tree('/host'))).toEqual(['/host']);
    test.put('/etc/containerd/config.toml', containerdConfig).fs.folders('/host/var/lib');
    await test.steps(4);
    expect(test.mirror.state).toBe('applied');
  });

  test('stays within half and one and a half of the interval', async () => {
    const draws = [0, 0, 0, 0, 1];
    const test = new TestAgent({ runtime }, { fs: containerdDisk(), random: () => draws.shift() ?? 0 });
    await test.steps(3);
    const [loop] = test.agent.loops;
    expect(await loop!.step()).toBe(15_000);
    expect(await loop!.step()).toBe(45_000);
  });
});

describe('plan', () => {
  test('changes nothing, not even its own state, and shows each file as a unified diff', async () => {
    const test = new TestAgent({ runtime, mode: 'plan' }, { fs: containerdDisk() });
    const before = test.fs.tree();
    const text = await test.agent.plan();
    expect(test.fs.tree()).toEqual(before);
    expect(test.mirror.state).toBe('planned');
    expect(text).toContain(`--- /dev/null\n+++ ${file}\n@@ -0,0 +1,5 @@\n`);
    expect(text).toContain('+[host."http://10.0.0.4:30500"]\n');
  });

  test('says so when there is nothing to change', async () => {
    const test = await appliedAgent();
    expect(await new TestAgent({ runtime, mode: 'plan' }, { fs: test.fs }).agent.plan()).toBe(
      '# docker.io: nothing to change\n',
    );
  });

  test('shows a refusal with its remedy', async () => {
    const test = new TestAgent({ runtime, mode: 'plan' }, { fs: containerdDisk() });
    test.put(file, '[host."http://other:5000"]\n');
    expect(await test.agent.plan()).toBe(
      `# docker.io: refused: ${file} was written by somebody else (http://other:5000)\n` +
        '# ask for merging with mergeForeignFiles, name its mirrors in replaces, or remove it\n',
    );
    expect(test.mirror.state).toBe('refused');
  });
});

describe('restore', () => {
  test('leaves nothing behind: no file, no folder, no record', async () => {
    const fs = containerdDisk();
    const before = fs.tree();
    const test = await new TestAgent({ runtime }, { fs }).applied();
    await test.agent.restore();
    expect(test.mirror.state).toBe('restored');
    expect(test.fs.tree('/host')).toEqual(
      Object.fromEntries(Object.entries(before).filter(([path]) => path.startsWith('/host'))),
    );
  });

  test('finds its files by their mark when the record was lost', async () => {
    const test = await appliedAgent();
    test.fs.delete('/host/var/lib/docker-cache/record.json');
    const other = new TestAgent({ runtime }, { fs: test.fs });
    await other.agent.restore();
    expect(other.text(file)).toBeUndefined();
  });

  test('is done on a node that was never changed', async () => {
    const test = new TestAgent({ runtime }, { fs: containerdDisk() });
    await test.agent.restore();
    expect(test.mirror.state).toBe('restored');
  });

  test('keeps a folder of ours into which somebody put a file', async () => {
    const test = await appliedAgent();
    test.put('/etc/containerd/certs.d/docker.io/client.cert', 'theirs');
    await test.agent.restore();
    expect(test.text('/etc/containerd/certs.d/docker.io/client.cert')).toBe('theirs');
    expect(test.text(file)).toBeUndefined();
  });
});

describe('another pool', () => {
  test('is kept off a node whose record was refreshed less than 2 minutes ago', async () => {
    const first = await appliedAgent();
    const { fs, clock } = first;
    const second = new TestAgent({ runtime, pool: 'gpu' }, { fs, clock });
    await second.steps(3);
    expect(second.mirror).toMatchObject({
      state: 'refused',
      reason: 'the agent of pool "nodes" works on this node',
    });
    expect(second.mirror.remedy?.[0]).toContain('delete the DaemonSet of pool "nodes"');
  });

  test('takes a node over whose agent is gone, record and all', async () => {
    const { fs, clock } = await appliedAgent();
    clock.time += 121_000;
    const second = await new TestAgent({ runtime, pool: 'gpu' }, { fs, clock }).applied();
    expect(second.mirror.state).toBe('applied');
    await second.agent.restore();
    expect(second.fs.lstat('/host/etc/containerd/certs.d')).toBeUndefined();
  });

  test('is kept off while the first one goes on asking', async () => {
    const first = await appliedAgent();
    const { fs, clock } = first;
    for (let minute = 0; minute < 5; minute += 1) await first.steps(2);
    const second = new TestAgent({ runtime, pool: 'gpu' }, { fs, clock });
    await second.steps(1);
    expect(second.mirror.state).toBe('refused');
  });
});
