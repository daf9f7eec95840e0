import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { runAgain, runOnce } from './support/test-pod';

describeCluster('a cache on a folder of a node', (cluster) => {
  let project: Project;
  let cache: DeployedCache;

  beforeAll(async () => {
    project = await Project.checkOut();
    await project.synth(
      'e2e-filesystem',
      'e2e-filesystem-talkative',
      'e2e-filesystem-moved',
      'e2e-filesystem-restored',
    );
    cache = new DeployedCache(cluster());
  });

  afterAll(() => project.remove());

  it('comes up from one apply, on a folder that did not exist', async () => {
    const { kubectl, machine } = cluster();
    expect(existsSync(machine.path('/var/lib/registry'))).toBe(false);
    await kubectl.apply(project.manifest('e2e-filesystem'));
    const seconds = await cache.ready();
    expect(await cache.nodeState()).toBe('applied');
    expect(existsSync(machine.path('/var/lib/registry/docker.io'))).toBe(true);
    proved(`cache and agent Ready ${seconds.toFixed(1)} s after kubectl apply`);
  });

  it('is not changed by a second apply', async () => {
    const { kubectl } = cluster();
    const manifest = project.manifest('e2e-filesystem');
    await kubectl.apply(manifest);
    const { code, stdout, stderr } = await kubectl.try(['diff', '--server-side', '-f', manifest]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('gives a Pod its image through the cache', async () => {
    const bytes = await cluster().world.publish('library/first:1');
    const before = await cache.blobBytes('pulled');
    const seconds = await runOnce(cluster(), 'first:1');
    expect((await cache.blobBytes('pulled')) - before).toBeGreaterThanOrEqual(bytes);
    expect(await cache.blobBytes('pushed')).toBeGreaterThanOrEqual(bytes);
    proved(`${bytes} new bytes came through the cache, the Pod ran after ${seconds.toFixed(1)} s`);
  });

  it('gives it again while Docker Hub is gone', async () => {
    await cluster().world.cut();
    const seconds = await runAgain(cluster(), 'first:1');
    proved(`the same image without Docker Hub after ${seconds.toFixed(1)} s`);
  });

  it('gives it again after the cache was made anew, while Docker Hub is gone', async () => {
    const pod = (await cache.registryPod())['metadata'].name as string;
    await cluster().kubectl.run(['-n', 'docker-cache', 'delete', 'pod', pod]);
    await cache.ready();
    expect((await cache.registryPod())['metadata'].name).not.toBe(pod);
    const seconds = await runAgain(cluster(), 'first:1');
    expect(await cache.blobBytes('pushed')).toBeGreaterThan(0);
    await cluster().world.mend();
    proved(`a new Pod of the cache served what the old one kept, after ${seconds.toFixed(1)} s`);
  });
});
