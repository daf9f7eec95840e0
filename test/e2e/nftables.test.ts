import { afterAll, beforeAll, expect } from '@jest/globals';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { inWords, throughTheCache } from './support/through-the-cache';

describeCluster(
  'a cluster whose kube-proxy writes nftables',
  (cluster, scenario) => {
    let project: Project;

    beforeAll(async () => {
      project = await Project.checkOut();
      await project.synth('e2e-filesystem');
    });

    afterAll(() => project.remove());

    scenario('gives a Pod its image through the cache', async () => {
      const { kubectl, machine } = cluster();
      const cache = new DeployedCache(cluster());
      await kubectl.apply(project.manifest('e2e-filesystem'));
      await cache.inUse();
      expect(await machine.exec('nft', 'list', 'tables')).toContain('table ip kube-proxy');
      proved(inWords(await throughTheCache(cluster(), cache, 'nftables:1')));
    });
  },
  { proxyMode: 'nftables' },
);
