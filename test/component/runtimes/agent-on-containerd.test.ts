import { rm } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import type { ContainerdDaemon } from '../../support/runtimes/containerd-daemon';
import { containerdKind } from '../../support/runtimes/runtime-kinds';
import { mirrorOf, Scene, type SceneOptions } from '../../support/runtimes/scene';
import { describeWithTools } from '../../support/tools';

const certsDir = '/etc/containerd/certs.d';
const file = `${certsDir}/docker.io/hosts.toml`;
const image = (name: string) => `docker.io/library/${name}:latest`;

for (const release of ['1.6', '2.4'] as const) {
  const usual = containerdKind(release);
  describeWithTools(`the hosts.toml of containerd ${release}`, ['registry', ...usual.parts], () => {
    let scene: Scene<ContainerdDaemon>;
    afterEach(() => scene.close());

    async function open(options?: SceneOptions, kind = usual) {
      scene = await Scene.open(kind, options);
    }

    it('is not written where config_path is the default, and the lines to change are named', async () => {
      await open({ files: { [`${certsDir}/.keep`]: '' } }, containerdKind(release, 'default'));
      const agent = await scene.apply();
      const status = await agent.says(/"state": "refused"/);
      expect(status).toContain('config_path is not set');
      const table = release === '1.6' ? 'io.containerd.grpc.v1.cri' : 'io.containerd.cri.v1.images';
      expect(status).toContain(JSON.stringify(`[plugins."${table}".registry]`));
      expect(status).toContain(JSON.stringify(`  config_path = "${certsDir}"`));
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
      // The administrator does what the lines say; the agent goes on by itself.
      const [config = ''] = Object.values(usual.files);
      await scene.site.write('/etc/containerd/config.toml', config);
      await scene.runtime.restart();
      await agent.says(/"state": "applied"/);
      await scene.runtime.pull(image('after-remedy'));
      expect(scene.cache.served('library/after-remedy')).not.toEqual([]);
    });

    it('is refused when somebody else wrote it, and merged when that is asked for', async () => {
      const foreign = [
        '# kept by the platform team ü',
        'server = "https://registry-1.docker.io"',
        '',
        '[host."http://127.0.0.1:9"] # their mirror',
        '  capabilities = ["pull", "resolve"]',
        '',
      ].join('\r\n');
      await open({ files: { [file]: foreign } });
      const refused = await scene.apply();
      await refused.says(/"state": "refused"/);
      expect(await refused.status()).toContain('was written by somebody else');
      expect(await scene.site.read(file)).toBe(foreign);
      await refused.stop();

      const merging = await scene.apply({ mergeForeignFiles: true });
      await merging.says(/"state": "applied"/);
      const merged = (await scene.site.read(file)) ?? '';
      expect(merged).toContain('# kept by the platform team ü\r\n');
      expect(merged).toContain('[host."http://127.0.0.1:9"] # their mirror\r\n');
      await scene.runtime.pull(image('merged'));
      expect(scene.cache.served('library/merged')).not.toEqual([]);
      await merging.stop();
      expect(await scene.run('restore', { mergeForeignFiles: true })).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
    });

    it('does not hide a _default unasked, and keeps its mirror when merging is asked for', async () => {
      await open();
      const other = await scene.site.cache();
      const foreign = `[host."${other.url}"]\n  capabilities = ["pull", "resolve"]\n`;
      await scene.site.write(`${certsDir}/_default/hosts.toml`, foreign);
      const refused = await scene.apply();
      await refused.says(/"state": "refused"/);
      expect(await refused.status()).toContain('_default/hosts.toml');
      expect(await scene.site.read(file)).toBeUndefined();
      await scene.runtime.pull(image('by-default'));
      expect(other.served('library/by-default')).not.toEqual([]);
      await refused.stop();

      const merging = await scene.apply({ mergeForeignFiles: true });
      await merging.says(/"state": "applied"/);
      await scene.runtime.pull(image('ours-first'));
      expect(scene.cache.served('library/ours-first')).not.toEqual([]);
      await scene.cache.kill();
      await scene.runtime.pull(image('theirs-next'));
      expect(other.served('library/theirs-next')).not.toEqual([]);
      await merging.stop();
      expect(await scene.run('restore', { mergeForeignFiles: true })).toMatchObject({ code: 0 });
      expect(await scene.site.read(file)).toBeUndefined();
      await scene.runtime.pull(image('by-default-again'));
      expect(other.served('library/by-default-again')).not.toEqual([]);
    });

    it('is one for each of two upstreams, and neither gets the images of the other', async () => {
      await open();
      const quay = await scene.site.cache({ upstream: 'quay.io', remoteUrl: 'https://quay.io' });
      const mirrors = [mirrorOf(scene.cache), mirrorOf(quay, { host: 'quay.io', server: 'https://quay.io' })];
      const agent = await scene.apply({ mirrors });
      await agent.says(/"state": "applied"[^]*"state": "applied"/);
      await scene.runtime.pull(image('from-hub'));
      await scene.runtime.pull('quay.io/library/from-quay:latest');
      expect(scene.cache.served('library/from-hub')).not.toEqual([]);
      expect(quay.served('library/from-quay')).not.toEqual([]);
      expect(scene.cache.served('library/from-quay')).toEqual([]);
      expect(quay.served('library/from-hub')).toEqual([]);
      await agent.stop();
      expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
    });

    it('is not written for a cache of another registry', async () => {
      await open({ upstream: 'quay.io', remoteUrl: 'https://quay.io' });
      const agent = await scene.apply();
      await agent.says(/"result": "upstream"/);
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
    });

    it('carries a login in mode 0600 that nothing else shows', async () => {
      const login = { username: 'node', password: 'correct-horse' };
      await open({ login });
      const mirrors = [await withLogin(scene, login)];
      const plan = await scene.plan({ mirrors });
      expect(plan).toMatchObject({ code: 0 });
      const agent = await scene.apply({ mirrors });
      await agent.says(/"state": "applied"/);
      await scene.runtime.pull(image('with-login'));
      expect(scene.cache.served('library/with-login')).not.toEqual([]);
      const basic = Buffer.from(`${login.username}:${login.password}`).toString('base64');
      expect((await scene.site.tree('/etc'))[file]).toMatch(new RegExp(`^100600 0:0 [^]*${basic}`));
      for (const shown of [plan.output, agent.log, await agent.status()])
        for (const secret of [basic, login.password]) expect(shown).not.toContain(secret);
      await agent.stop();
      expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
    });

    it('goes at once when the login is rotated away, before a pull secret can reach the cache', async () => {
      await open({ login: { username: 'node', password: 'before' } });
      const mirrors = [await withLogin(scene, { username: 'node', password: 'before' })];
      const agent = await scene.apply({ mirrors });
      await agent.says(/"state": "applied"/);
      await scene.cache.kill();
      await agent.says(/"result": "refused"/);
      await scene.cache.rotate({ username: 'node', password: 'after' });
      await scene.cache.restart();
      await agent.says(/"state": "withdrawn"/);
      expect(await agent.status()).toContain('"result": "login"');
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
      await scene.runtime.pull(image('with-pull-secret'), { username: 'hub-user', password: 'hub-secret' });
      expect(scene.cache.requests.filter((line) => line.includes('with-pull-secret'))).toEqual([]);
    });

    it('never names an authority that is missing: no pull fails while it comes and goes', async () => {
      await open({ tls: true });
      const caFile = await scene.container.addFile('ca.crt', scene.cache.ca);
      const mirrors = [mirrorOf(scene.cache, { caFile })];
      const done = new AbortController();
      const pulls = (async () => {
        for (let count = 0; !done.signal.aborted && count < 500; count += 1)
          await scene.runtime.pull(image(`steady-${count}`));
      })();
      for (let round = 0; round < 3; round += 1) {
        const agent = await scene.apply({ mirrors });
        await agent.says(/"state": "applied"/);
        await scene.runtime.pull(image(`by-https-${round}`));
        expect(scene.cache.served(`library/by-https-${round}`)).not.toEqual([]);
        await agent.stop();
        expect(await scene.run('restore', { mirrors })).toMatchObject({ code: 0 });
      }
      done.abort();
      await pulls;
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
    });

    it('gets back an authority that somebody removed, without which every pull fails', async () => {
      await open({ tls: true });
      const caFile = await scene.container.addFile('ca.crt', scene.cache.ca);
      const agent = await scene.apply({ mirrors: [mirrorOf(scene.cache, { caFile })] });
      await agent.says(/"state": "applied"/);
      const authority = /ca = "(.+)"/.exec((await scene.site.read(file)) ?? '')?.[1] ?? '';
      await rm(scene.site.node.path(authority));
      await agent.logs(new RegExp(`wrote ${authority}`), { times: 2 });
      await scene.runtime.pull(image('authority-back'));
      expect(scene.cache.served('library/authority-back')).not.toEqual([]);
    });
  });
}

/** A mirror whose login is in two files of a Secret. */
async function withLogin(scene: Scene, login: { readonly username: string; readonly password: string }) {
  const usernameFile = await scene.container.addFile('username', login.username);
  const passwordFile = await scene.container.addFile('password', login.password);
  return mirrorOf(scene.cache, { login: { usernameFile, passwordFile } });
}

describeWithTools('the colon folder of containerd 2.4', ['registry', ...containerdKind('2.4').parts], () => {
  it('makes a default config_path use the cache without any restart, and goes again', async () => {
    const scene = await Scene.open(containerdKind('2.4', 'default', { colonFolder: true }));
    try {
      const { pid } = scene.runtime;
      const agent = await scene.apply();
      const status = await agent.says(/"state": "applied"/);
      expect(status).toContain('"unverified"');
      const files = Object.keys(await scene.site.tree('/etc/containerd')).filter((path) =>
        path.endsWith('hosts.toml'),
      );
      expect(files.sort()).toEqual(
        [file, `${certsDir}:${'/etc/docker/certs.d'}/docker.io/hosts.toml`].sort(),
      );
      await scene.runtime.pull(image('through-colon'));
      expect(scene.cache.served('library/through-colon')).not.toEqual([]);
      expect(scene.runtime.pid).toBe(pid);
      await agent.stop();
      expect(await scene.run('restore')).toMatchObject({ code: 0 });
      expect(await scene.site.tree('/etc')).toEqual(scene.found);
      await scene.runtime.pull(image('colon-gone'));
      expect(scene.cache.served('library/colon-gone')).toEqual([]);
    } finally {
      await scene.close();
    }
  });
});
