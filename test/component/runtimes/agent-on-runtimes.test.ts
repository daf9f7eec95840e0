import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Agent } from '../../support/runtimes/agent';
import { runtimeKinds } from '../../support/runtimes/runtime-kinds';
import { Scene } from '../../support/runtimes/scene';
import { describeWithTools } from '../../support/tools';

const image = (name: string) => `docker.io/library/${name}:latest`;

for (const kind of runtimeKinds) {
  describeWithTools(`the agent on ${kind.title}`, ['registry', ...kind.parts], () => {
    describe('from plan to restore', () => {
      let scene: Scene;
      let agent: Agent;
      let daemonPid: number;
      let container: { pid(): Promise<number> };
      let containerPid: number;

      beforeAll(async () => {
        scene = await Scene.open(kind);
        await scene.runtime.pull(image('sleeper'));
        container = await scene.runtime.runContainer(image('sleeper'));
        containerPid = await container.pid();
        daemonPid = scene.runtime.pid;
      });
      afterAll(() => scene.close());

      async function expectNothingRestarted() {
        expect(scene.runtime.pid).toBe(daemonPid);
        expect(existsSync(`/proc/${daemonPid}`)).toBe(true);
        expect(await container.pid()).toBe(containerPid);
        expect(scene.site.node.processes().has(containerPid)).toBe(true);
      }

      it('shows in plan what would be written, and changes nothing', async () => {
        const { code, output } = await scene.plan();
        expect({ code, output }).toMatchObject({ code: 0 });
        expect(output).toContain(`+++ ${kind.file}`);
        expect(output).toMatch(new RegExp(`^\\+.*${scene.cache.url}`, 'm'));
        expect(await scene.site.tree('/etc')).toEqual(scene.before);
      });

      it('applies, and the next pull arrives at the cache', async () => {
        agent = await scene.apply();
        await agent.says(/"state": "applied"/);
        expect(await agent.isReady()).toBe(true);
        await scene.runtime.pull(image('through-cache'));
        expect(scene.cache.served('library/through-cache')).not.toEqual([]);
      });

      it('restarts neither the daemon nor a container by that', async () => {
        await expectNothingRestarted();
      });

      it('leaves the mirror in use when it is stopped', async () => {
        const applied = await scene.site.tree('/etc');
        await agent.stop();
        expect(await scene.site.tree('/etc')).toEqual(applied);
        await scene.runtime.pull(image('agent-stopped'));
        expect(scene.cache.served('library/agent-stopped')).not.toEqual([]);
      });

      it('restores every byte, and the next pull goes to the registry itself', async () => {
        expect(await scene.run('restore')).toMatchObject({ code: 0 });
        expect(await scene.site.tree('/etc')).toEqual(scene.found);
        await scene.runtime.pull(image('restored'));
        expect(scene.cache.served('library/restored')).toEqual([]);
        expect(scene.hubRequests('library/restored')).not.toEqual([]);
        await expectNothingRestarted();
      });

      it('leaves files that the daemon starts with', async () => {
        await scene.runtime.restart();
        await scene.runtime.pull(image('restarted'));
        expect(scene.hubRequests('library/restarted')).not.toEqual([]);
      });
    });

    describe('when the cache fails', () => {
      let killed: Scene;
      let wedged: Scene;
      let agents: { readonly killed: Agent; readonly wedged: Agent };

      // Both at once: what takes time is the agent's own patience.
      beforeAll(async () => {
        [killed, wedged] = await Promise.all([Scene.open(kind), Scene.open(kind)]);
        agents = { killed: await killed.apply(), wedged: await wedged.apply() };
        await Promise.all([
          agents.killed.says(/"state": "applied"/),
          agents.wedged.says(/"state": "applied"/),
        ]);
        await killed.cache.kill();
        wedged.cache.wedge();
      });
      afterAll(async () => {
        await Promise.all([killed.close(), wedged.close()]);
      });

      it('still pulls from a registry whose cache is down (refused)', async () => {
        await killed.runtime.pull(image('cache-killed'));
        expect(killed.hubRequests('library/cache-killed')).not.toEqual([]);
      });

      it('withdraws the mirror of a cache that is down (refused)', async () => {
        await agents.killed.says(/"state": "withdrawn"/);
        expect(await killed.site.tree('/etc')).toEqual(killed.found);
      });

      it('withdraws the mirror of a cache that is wedged: it accepts and never answers', async () => {
        await agents.wedged.says(/"state": "withdrawn"/);
        expect(await wedged.site.tree('/etc')).toEqual(wedged.found);
        await wedged.runtime.pull(image('cache-wedged'));
        expect(wedged.hubRequests('library/cache-wedged')).not.toEqual([]);
      });
    });
  });
}
