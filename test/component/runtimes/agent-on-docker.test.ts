import { copyFile, rm } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import type { AgentSettings } from '../../support/runtimes/agent-container';
import { DockerDaemon } from '../../support/runtimes/docker-daemon';
import { daemonJson, dockerKind } from '../../support/runtimes/runtime-kinds';
import { mirrorOf, Scene, type SceneOptions } from '../../support/runtimes/scene';
import { describeWithTools } from '../../support/tools';

const file = '/etc/docker/daemon.json';
const image = (name: string) => `docker.io/library/${name}:latest`;

for (const release of ['20.10', '29 classic'] as const) {
  const classic = dockerKind(release);
  describeWithTools(`the daemon.json of dockerd ${release}`, ['registry', ...classic.parts], () => {
    let scene: Scene<DockerDaemon>;
    afterEach(() => scene.close());

    async function open(options?: SceneOptions, kind = classic) {
      scene = await Scene.open(kind, options);
    }

    /** The agent says why it refuses, leaves /etc as it is and dockerd alive. */
    async function expectRefused(reason: RegExp, other: Partial<AgentSettings> = {}) {
      const before = await scene.site.tree('/etc');
      const agent = await scene.apply(other);
      await agent.says(/"state": "refused"/);
      expect(await agent.status()).toMatch(reason);
      expect(await agent.isReady()).toBe(false);
      expect(await scene.site.tree('/etc')).toEqual(before);
      await scene.runtime.pull(image('after-refusal'));
      expect(scene.cache.served('library/after-refusal')).toEqual([]);
      await agent.stop();
    }

    it('keeps its other keys and their formatting, and gets our mirror before the others', async () => {
      const original = `${daemonJson.slice(0, -2)},\n "registry-mirrors": [ "http://127.0.0.1:9" ]\r\n}\r\n`;
      await open({ files: { [file]: original } });
      const agent = await scene.apply();
      await agent.says(/"state": "applied"/);
      const ours = JSON.stringify(scene.cache.url);
      expect(await scene.site.read(file)).toBe(original.replace('[ ', `[ ${ours}, `));
      expect(await scene.runtime.mirrors()).toEqual([`${scene.cache.url}/`, 'http://127.0.0.1:9/']);
      await agent.stop();
      expect(await scene.run('restore')).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.before);
      expect(await scene.runtime.mirrors()).toEqual(['http://127.0.0.1:9/']);
    });

    it('is made where there is none, and removed again', async () => {
      await open({ files: { [file]: undefined } });
      const agent = await scene.apply();
      await agent.says(/"state": "applied"/);
      expect(await scene.runtime.mirrors()).toEqual([`${scene.cache.url}/`]);
      await agent.stop();
      expect(await scene.run('restore')).toMatchObject({ code: 0 });
      expect(await scene.site.read(file)).toBeUndefined();
      expect(await scene.runtime.mirrors()).toEqual([]);
    });

    it('keeps what somebody else wrote into it since', async () => {
      await open();
      const agent = await scene.apply();
      await agent.says(/"state": "applied"/);
      await agent.stop();
      const applied = (await scene.site.read(file)) ?? '';
      await scene.site.write(file, applied.replace('"json-file"', '"local"'));
      expect(await scene.run('restore')).toMatchObject({ code: 0 });
      expect(await scene.site.read(file)).toBe(daemonJson.replace('"json-file"', '"local"'));
      await scene.runtime.restart();
    });

    it('is refused when it is malformed, and dockerd lives', async () => {
      await open();
      const { pid } = scene.runtime;
      await scene.site.write(file, '{ "log-driver": "json-file", }');
      await expectRefused(/not JSON/);
      expect(scene.runtime.pid).toBe(pid);
      expect(scene.runtime.running).toBe(true);
    });

    it('is put back when it holds a key that dockerd does not know, and dockerd lives', async () => {
      await open();
      const { pid } = scene.runtime;
      await scene.site.write(file, '{\n  "no-such-key": true\n}\n');
      await expectRefused(/did not take up/);
      expect(scene.runtime.running).toBe(true);
      expect(scene.runtime.pid).toBe(pid);
    });

    it('is refused when a mirror is in flag and file, and dockerd lives', async () => {
      await open({}, dockerKind(release, ['--registry-mirror=http://127.0.0.1:9']));
      await expectRefused(/--registry-mirror on its command line/);
      await scene.runtime.restart();
    });

    it('is refused when dockerd reads another file', async () => {
      await open(
        { files: { '/etc/docker/other.json': '{}' } },
        dockerKind(release, ['--config-file=/etc/docker/other.json']),
      );
      await expectRefused(/reads \/etc\/docker\/other\.json/);
    });

    it('is refused when the pool says that the image store is containerd', async () => {
      await open();
      await expectRefused(/classic image store/, { runtime: { type: 'docker', imageStore: 'containerd' } });
    });

    it('is not signalled too early: dockerd outlives an agent that finds it starting', async () => {
      await open();
      await scene.runtime.kill();
      await rm(scene.site.node.path('/run/docker.pid'));
      const starting = await DockerDaemon.begin({
        node: scene.site.node,
        internet: scene.site.internet,
        release,
      });
      starting.signal('SIGSTOP');
      const agent = await scene.apply();
      await agent.says(/does not answer/);
      starting.signal('SIGCONT');
      await agent.says(/"state": "applied"/);
      expect(starting.running).toBe(true);
      expect(await starting.mirrors()).toEqual([`${scene.cache.url}/`]);
    });

    it('is not the business of a dockerd in a container', async () => {
      await open();
      const { node } = scene.site;
      await copyFile('/bin/sleep', node.path('/var/tmp/dockerd'));
      await node.exec('chmod', '+x', '/var/tmp/dockerd');
      const command = { command: 'unshare', args: ['-p', '-f', '--kill-child', '/var/tmp/dockerd', '60'] };
      const inContainer = await node.run({ ...command, generations: 2 });
      // Without it, the only dockerd of the node has to be found among the processes.
      await rm(node.path('/run/docker.pid'));
      const agent = await scene.apply();
      await agent.says(/"state": "applied"/);
      expect(await scene.runtime.mirrors()).toEqual([`${scene.cache.url}/`]);
      expect(inContainer.running).toBe(true);
    });

    it('leads to a cache by https whose authority is written beside it, and removed again', async () => {
      await open({ tls: true });
      const caFile = await scene.container.addFile('ca.crt', scene.cache.ca);
      const mirrors = [mirrorOf(scene.cache, { caFile })];
      const agent = await scene.apply({ mirrors });
      await agent.says(/"state": "applied"/);
      await scene.runtime.pull(image('by-https'));
      expect(scene.cache.served('library/by-https')).not.toEqual([]);
      await agent.stop();
      expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.before);
    });
  });
}
