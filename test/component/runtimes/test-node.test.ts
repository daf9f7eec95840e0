import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TestNode } from '../../support/runtimes/test-node';

describe('the node of a test', () => {
  let node: TestNode;
  beforeAll(async () => {
    node = await TestNode.start();
  });
  afterAll(() => node.stop());

  it('has folders of its own below /etc, /run and /var', async () => {
    await node.exec(
      'sh',
      '-c',
      'mkdir /etc/docker && echo "{}" > /etc/docker/daemon.json && touch /var/run/here',
    );
    expect(existsSync(node.path('/etc/docker/daemon.json'))).toBe(true);
    expect(existsSync(node.path('/run/here'))).toBe(true);
    expect(existsSync('/run/here')).toBe(false);
  });

  it('counts its processes from one and sees no other', async () => {
    const pids = (await node.exec('sh', '-c', 'echo /proc/[0-9]*')).trim().split(' ');
    expect(pids).toContain('/proc/1');
    expect(pids.length).toBeLessThan(6);
  });

  it('ends a process by a signal that is meant for the one inside', async () => {
    const sleeper = await node.run({ command: 'sleep', args: ['60'] });
    expect(node.processes().get(sleeper.pidOnNode)).toBe(sleeper.pid);
    await sleeper.stop('SIGTERM');
    expect(await sleeper.exited()).toBe('SIGTERM');
  });

  it('leaves no process, no mount and no folder behind', async () => {
    const other = await TestNode.start();
    const orphan = await other.run({ command: 'sh', args: ['-c', 'setsid sleep 60 & sleep 60'] });
    const pids = [...other.processes().values()];
    await other.exec('mount', '-t', 'tmpfs', 'tmpfs', '/var/tmp');
    await other.stop();
    expect(pids.length).toBeGreaterThan(2);
    expect(pids.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([]);
    expect(existsSync(other.root)).toBe(false);
    expect(orphan.running).toBe(false);
  });
});
