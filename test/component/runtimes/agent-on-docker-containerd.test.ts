import { afterEach, expect, it } from '@jest/globals';
import { NodeRuntime } from '../../../lib/node-runtime';
import { dockerKind, type RuntimeKind } from '../../support/runtimes/runtime-kinds';
import type { DockerDaemon } from '../../support/runtimes/docker-daemon';
import { mirrorOf, Scene } from '../../support/runtimes/scene';
import { describeWithTools } from '../../support/tools';

const kind = dockerKind('29 containerd');
const image = (name: string) => `docker.io/library/${name}:latest`;

describeWithTools('docker 29 with the containerd image store', ['registry', ...kind.parts], () => {
  let scene: Scene<DockerDaemon>;
  afterEach(() => scene.close());

  it('is given every upstream with its login, and no signal', async () => {
    const login = { username: 'node', password: 'correct-horse' };
    scene = await Scene.open(kind, { login });
    const quay = await scene.site.cache({ upstream: 'quay.io', remoteUrl: 'https://quay.io', login });
    const files = {
      usernameFile: await scene.container.addFile('username', login.username),
      passwordFile: await scene.container.addFile('password', login.password),
    };
    const mirrors = [
      mirrorOf(scene.cache, { login: files }),
      mirrorOf(quay, { host: 'quay.io', server: 'https://quay.io', login: files }),
    ];
    const agent = await scene.apply({ mirrors });
    await agent.says(/"state": "applied"[^]*"state": "applied"/);
    await scene.runtime.pull(image('from-hub'), { username: 'hub-user', password: 'hub-secret' });
    await scene.runtime.pull('quay.io/library/from-quay:latest');
    expect(scene.cache.served('library/from-hub')).not.toEqual([]);
    expect(quay.served('library/from-quay')).not.toEqual([]);
    expect(scene.cache.served('library/from-quay')).toEqual([]);
    expect((await scene.site.tree('/etc'))[kind.file]).toMatch(/^100600 0:0 /);
    expect(scene.runtime.log).not.toMatch(/SIGHUP|Got signal to reload/i);
    await agent.stop();
    expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
    expect(await scene.site.tree('/etc')).toEqual(scene.found);
  });

  it('uses the mirror of its daemon.json too, where the pool says classic', async () => {
    const classic: RuntimeKind<DockerDaemon> = {
      ...kind,
      runtime: NodeRuntime.docker({ imageStore: 'classic' }),
    };
    scene = await Scene.open(classic);
    const { pid } = scene.runtime;
    const agent = await scene.apply();
    await agent.says(/"state": "applied"/);
    await scene.runtime.pull(image('by-daemon-json'));
    expect(scene.cache.served('library/by-daemon-json')).not.toEqual([]);
    await agent.stop();
    expect(await scene.run('restore')).toMatchObject({ code: 0 });
    expect(await scene.site.tree('/etc')).toEqual(scene.found);
    await scene.runtime.pull(image('no-daemon-json'));
    expect(scene.cache.served('library/no-daemon-json')).toEqual([]);
    expect(scene.runtime.pid).toBe(pid);
  });
});
