import { afterAll, beforeAll, expect } from '@jest/globals';
import { Azurite } from '../support/azurite';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Door } from './support/door';
import { Project } from './support/project';
import { site } from './support/site';
import { runAgain } from './support/test-pod';
import { inWords, throughTheCache } from './support/through-the-cache';
import { until } from './support/until';

describeCluster('a cache on Azure Blob storage', (cluster, scenario) => {
  let project: Project;
  let cache: DeployedCache;
  let azurite: Azurite;

  beforeAll(async () => {
    project = await Project.checkOut();
    await project.synth('e2e-azure');
    azurite = await Azurite.start({ account: 'forexample' });
    const address = new URL(azurite.url).host;
    const door = await Door.open(site.ports.azurite, address);
    cluster().atEnd(() => azurite.stop());
    cluster().atEnd(() => door.close());
    cache = new DeployedCache(cluster());
  });

  afterAll(() => project.remove());

  scenario('says that its Secret is missing, and comes up by itself when it arrives', async () => {
    const { kubectl } = cluster();
    await kubectl.apply(project.manifest('e2e-azure'));
    await until(async () => (await cache.registryReason()).includes('secret "azure-storage" not found'), {
      what: 'the Pod says that the Secret is missing',
      explain: () => cache.registryReason(),
    });
    expect(await azurite.listContainers()).toEqual([]);
    await kubectl.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'azure-storage', namespace: 'docker-cache' },
      stringData: { accountKey: azurite.key },
    });
    const seconds = await cache.ready();
    expect(seconds).toBeLessThan(150);
    expect(await azurite.listContainers()).toEqual(['dockerregistry']);
    proved(
      `the Pod named the missing Secret, and was Ready ${seconds.toFixed(1)} s after it came; the container was made`,
    );
  });

  scenario('gives a Pod its image through the cache', async () => {
    await cache.inUse();
    proved(inWords(await throughTheCache(cluster(), cache, 'blob:1')));
    const blobs = await azurite.listBlobs('dockerregistry');
    expect(blobs.filter((name) => name.startsWith('docker.io/'))).not.toEqual([]);
  });

  scenario('gives it again after the cache was made anew, while Docker Hub is gone', async () => {
    const pod = (await cache.registryPod())['metadata'].name as string;
    await cluster().world.cut();
    await cluster().kubectl.run(['-n', 'docker-cache', 'delete', 'pod', pod]);
    await cache.inUse();
    const seconds = await runAgain(cluster(), 'blob:1');
    await cluster().world.mend();
    proved(`a new Pod served from Azure without Docker Hub, after ${seconds.toFixed(1)} s`);
  });
});
