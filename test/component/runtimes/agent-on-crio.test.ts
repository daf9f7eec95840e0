import { chmod } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { NodeRuntime } from '../../../lib/node-runtime';
import type { Agent } from '../../support/runtimes/agent';
import type { NodeProcess } from '../../support/runtimes/node-process';
import type { RunningRuntime, RuntimeKind } from '../../support/runtimes/runtime-kinds';
import { mirrorOf, Scene } from '../../support/runtimes/scene';
import type { TestSite } from '../../support/runtimes/test-site';
import { describeWithTools, findDebian } from '../../support/tools';

const dropIns = '/etc/containers/registries.conf.d';
const file = `${dropIns}/50-docker-cache-docker.io.conf`;

/** CRI-O is in no registry of this project: this has its name, and counts the signals that it gets. */
const standIn = `#!/bin/sh
trap 'echo reloaded >> /run/crio-reloads' HUP
while :; do sleep 0.1; done
`;

/** A node with what CRI-O shares with podman and skopeo: they read the same files, at each pull. */
class Crio implements RunningRuntime {
  private constructor(
    private readonly site: TestSite,
    private readonly process: NodeProcess,
  ) {}

  static async start(site: TestSite): Promise<Crio> {
    await site.write('/var/lib/crio', standIn);
    await chmod(site.node.path('/var/lib/crio'), 0o755);
    return new Crio(site, await site.node.run({ command: '/var/lib/crio' }));
  }

  get pid(): number {
    return this.process.pid;
  }

  async pull(image: string): Promise<void> {
    const target = `dir:/var/tmp/${image.replace(/\W/g, '-')}`;
    const pull = await this.site.node.run({
      command: findDebian('skopeo'),
      args: ['--insecure-policy', 'copy', `docker://${image}`, target],
      env: this.site.internet.env,
    });
    if ((await pull.exited()) !== 0) throw new Error(`pull of ${image}: ${pull.log}`);
  }

  async reloads(): Promise<number> {
    return ((await this.site.read('/run/crio-reloads')) ?? '').split('\n').length - 1;
  }

  /** Waits for a signal, which the shell takes when its sleep is over. */
  async hasReloaded(times: number): Promise<void> {
    for (let tries = 0; (await this.reloads()) < times; tries += 1) {
      if (tries === 250) throw new Error(`it was not signalled ${times} times but ${await this.reloads()}`);
      await delay(20);
    }
    expect(await this.reloads()).toBe(times);
  }

  async stop(): Promise<void> {
    await this.process.stop('SIGKILL');
  }

  runContainer(): Promise<never> {
    throw new Error('skopeo runs no containers');
  }

  restart(): Promise<never> {
    throw new Error('there is nothing to restart');
  }
}

const crio: RuntimeKind<Crio> = {
  title: 'CRI-O',
  parts: ['debian:skopeo'],
  runtime: NodeRuntime.crio(),
  files: { '/etc/containers/registries.conf': 'unqualified-search-registries = ["docker.io"]\n' },
  file,
  start: (site) => Crio.start(site),
};

const image = (name: string) => `docker.io/library/${name}:latest`;

describeWithTools('the drop-in of CRI-O', ['registry', ...crio.parts], () => {
  let scene: Scene<Crio>;
  let agent: Agent;
  beforeAll(async () => {
    scene = await Scene.open(crio);
  });
  afterAll(() => scene.close());

  it('is refused where another file has a table for the registry', async () => {
    const other = `${dropIns}/10-ours.conf`;
    await scene.site.write(other, '[[registry]]\nlocation = "docker.io"\n');
    agent = await scene.apply();
    expect(await agent.says(/"state": "refused"/)).toContain(`${other} has a table for docker.io already`);
    expect(await scene.site.read(file)).toBeUndefined();
    await scene.site.write(other, '[[registry]]\nlocation = "quay.io"\n');
  });

  it('waits until CRI-O has started, and is read then, by one signal', async () => {
    // CRI-O ends when it is signalled in its first seconds.
    await agent.says(/has just started/);
    expect(await scene.runtime.reloads()).toBe(0);
    await agent.says(/"state": "applied"/);
    await scene.runtime.hasReloaded(1);
  });

  it('leads the next pull to the cache', async () => {
    await scene.runtime.pull(image('through-drop-in'));
    expect(scene.cache.served('library/through-drop-in')).not.toEqual([]);
  });

  it('leads to the registry itself when the cache is down', async () => {
    await scene.cache.kill();
    await scene.runtime.pull(image('behind-drop-in'));
    expect(scene.hubRequests('library/behind-drop-in')).not.toEqual([]);
    await scene.cache.restart();
  });

  it('is removed by restore, with a signal', async () => {
    await agent.stop();
    expect(await scene.run('restore')).toMatchObject({ code: 0 });
    expect(await scene.site.read(file)).toBeUndefined();
    await scene.runtime.hasReloaded(2);
    await scene.runtime.pull(image('drop-in-gone'));
    expect(scene.cache.served('library/drop-in-gone')).toEqual([]);
  });

  it('leads to a cache by https whose authority is written before it, and removed after it', async () => {
    const cache = await scene.site.cache({ tls: true });
    const caFile = await scene.container.addFile('ca.crt', cache.ca);
    const mirrors = [mirrorOf(cache, { caFile })];
    const secure = await scene.apply({ mirrors });
    await secure.says(/"state": "applied"/);
    await scene.runtime.pull(image('drop-in-by-https'));
    expect(cache.served('library/drop-in-by-https')).not.toEqual([]);
    await secure.stop();
    expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
    expect(await scene.site.tree('/etc/containers/certs.d')).toEqual({});
  });
});
