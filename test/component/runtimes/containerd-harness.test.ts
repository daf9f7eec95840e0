import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CacheProcess } from '../../support/runtimes/cache-process';
import {
  configToml,
  containerdParts,
  type ContainerdDaemon,
  type ContainerdRelease,
} from '../../support/runtimes/containerd-daemon';
import { TestSite } from '../../support/runtimes/test-site';
import { describeWithTools } from '../../support/tools';

const releases: ContainerdRelease[] = ['1.6', '2.4'];

for (const release of releases) {
  describeWithTools(
    `containerd ${release} on a test's node`,
    ['registry', ...containerdParts[release]],
    () => {
      let site: TestSite;
      let cache: CacheProcess;
      let containerd: ContainerdDaemon;

      beforeAll(async () => {
        site = await TestSite.open();
        cache = await site.cache();
        await site.write('/etc/containerd/config.toml', configToml(release, '/etc/containerd/certs.d'));
        await site.write(
          '/etc/containerd/certs.d/docker.io/hosts.toml',
          `server = "https://registry-1.docker.io"\n[host."${cache.url}"]\n  capabilities = ["pull", "resolve"]\n`,
        );
        containerd = await site.containerd({ release });
      });
      afterAll(() => site.close());

      it('pulls through the mirror of its hosts.toml', async () => {
        await containerd.pull('docker.io/library/through-mirror:latest');
        expect(cache.served('library/through-mirror')).not.toEqual([]);
      });

      it('runs a container', async () => {
        await containerd.pull('docker.io/library/to-run:latest');
        const container = await containerd.runContainer('docker.io/library/to-run:latest');
        expect(site.node.processes().has(await container.pid())).toBe(true);
      });

      it('pulls from Docker Hub under its public name when the mirror is dead', async () => {
        await cache.kill();
        await containerd.pull('docker.io/library/without-mirror:latest');
        expect(site.internet.asked('registry-1.docker.io', 'library/without-mirror')).not.toEqual([]);
      });
    },
  );
}
