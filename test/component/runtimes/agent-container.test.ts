import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AgentContainer } from '../../support/runtimes/agent-container';
import { TestSite } from '../../support/runtimes/test-site';

describe("the agent's container on a test's node", () => {
  let site: TestSite;
  let container: AgentContainer;

  beforeAll(async () => {
    site = await TestSite.open();
    await site.write('/etc/docker/daemon.json', '{}');
    await site.write('/etc/containerd/config.toml', 'version = 2');
    container = await site.agentContainer({
      folders: [
        { name: 'docker', path: '/etc/docker', writable: true },
        { name: 'containerd', path: '/etc/containerd', writable: false },
        { name: 'hosts', path: '/etc/containerd/certs.d', writable: true },
      ],
      hostPid: false,
    });
  });
  afterAll(() => site.close());

  async function run(of: AgentContainer, script: string): Promise<string> {
    const started = await of.enter('sh', '-c', script);
    await started.exited();
    return started.log;
  }

  it('runs as user 0 without any capability and without a way to gain one', async () => {
    const status = await run(container, 'cat /proc/self/status');
    expect(status).toMatch(/^Uid:\t0\t0\t0\t0$/m);
    for (const set of ['Inh', 'Prm', 'Eff', 'Bnd', 'Amb'])
      expect(status).toMatch(new RegExp(`^Cap${set}:\t0{16}$`, 'm'));
    expect(status).toMatch(/^NoNewPrivs:\t1$/m);
  });

  it('writes where the Pod mounts a folder of the node to write, and nowhere else', async () => {
    const { hostRoot } = container;
    const script = ['etc/docker', 'etc/containerd/certs.d', 'etc/containerd', 'etc', '../../tmp']
      .map((folder) => `(touch ${hostRoot}/${folder}/new && echo "${folder} yes") 2>&1`)
      .join('; ');
    expect((await run(container, script)).match(/^\S+ yes$/gm)).toEqual([
      'etc/docker yes',
      'etc/containerd/certs.d yes',
    ]);
    expect(existsSync(site.node.path('/etc/docker/new'))).toBe(true);
  });

  it('sees the processes of the node only where the Pod shares them', async () => {
    const sharing = await site.agentContainer({ folders: [], hostPid: true });
    const firstProcess = 'tr "\\0" " " < /proc/1/cmdline';
    expect(await run(sharing, firstProcess)).toContain('node-is-up');
    expect(await run(container, firstProcess)).not.toContain('node-is-up');
  });

  it('is ended by a signal that is meant for the program inside', async () => {
    const started = await container.enter(
      'sh',
      '-c',
      'trap "echo asked; exit 3" TERM; echo up; sleep 60 & wait',
    );
    while (!started.log.includes('up')) await new Promise(setImmediate);
    await started.stop();
    expect(started.log).toContain('asked');
    expect(await started.exited()).toBe(3);
  });
});
