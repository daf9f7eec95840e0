import { afterAll, beforeAll, expect } from '@jest/globals';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { inWords, throughTheCache } from './support/through-the-cache';

describeCluster(
  'a node whose containerd was never configured for mirrors',
  (cluster, scenario) => {
    let project: Project;

    beforeAll(async () => {
      project = await Project.checkOut();
      await project.synth('e2e-filesystem', 'e2e-filesystem-colon');
    });

    afterAll(() => project.remove());

    scenario('is refused with the reason, and left as it is', async () => {
      const { kubectl } = cluster();
      const cache = new DeployedCache(cluster());
      await kubectl.apply(project.manifest('e2e-filesystem'));
      await cache.registryRolledOut();
      await cache.untilNodeIs('refused');
      expect(await cache.nodeStatus()).toContain('config_path is not set');
    });

    scenario('gives a Pod its image through the cache with colonFolder, without a restart', async () => {
      const { kubectl, node } = cluster();
      const cache = new DeployedCache(cluster());
      const pids = node.pids;
      await kubectl.apply(project.manifest('e2e-filesystem-colon'));
      await cache.inUse();
      const passage = await throughTheCache(cluster(), cache, 'colon:1');
      expect(node.pids).toEqual(pids);
      proved(`${inWords(passage)}, and containerd was not restarted`);
    });
  },
  { configPath: 'default' },
);
