import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { CacheProcess } from '../../support/runtimes/cache-process';
import { dockerParts, type DockerDaemon, type DockerRelease } from '../../support/runtimes/docker-daemon';
import { TestSite } from '../../support/runtimes/test-site';
import { describeWithTools } from '../../support/tools';

const releases: DockerRelease[] = ['20.10', '29 classic', '29 containerd'];

for (const release of releases) {
  describeWithTools(`dockerd ${release} on a test's node`, ['registry', ...dockerParts[release]], () => {
    let site: TestSite;
    let cache: CacheProcess;
    let docker: DockerDaemon;

    beforeAll(async () => {
      site = await TestSite.open();
      cache = await site.cache();
      await site.write('/etc/docker/daemon.json', JSON.stringify({ 'registry-mirrors': [cache.url] }));
      docker = await site.docker({ release });
    });
    afterAll(() => site.close());

    it('is the release and has the image store that it is said to be', async () => {
      const { ServerVersion, DriverStatus } = await docker.info();
      const [version = '', store] = release.split(' ');
      expect(ServerVersion).toContain(version);
      expect(JSON.stringify(DriverStatus).includes('io.containerd.snapshotter.v1')).toBe(
        store === 'containerd',
      );
    });

    it('pulls through the mirror of its daemon.json', async () => {
      await docker.pull('library/through-mirror');
      expect(cache.served('library/through-mirror')).not.toEqual([]);
      expect(await docker.mirrors()).toEqual([`${cache.url}/`]);
    });

    it('runs a container, which outlives nothing but its node', async () => {
      await docker.pull('library/to-run');
      const container = await docker.runContainer('library/to-run');
      expect(site.node.processes().has(await container.pid())).toBe(true);
    });

    it('pulls from Docker Hub under its public name when the mirror is dead', async () => {
      await cache.kill();
      await docker.pull('library/without-mirror');
      expect(site.internet.asked('registry-1.docker.io', 'library/without-mirror')).not.toEqual([]);
    });
  });
}
