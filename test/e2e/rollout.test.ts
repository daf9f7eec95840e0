import { afterAll, beforeAll, expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { site } from './support/site';
import { inWords, throughTheCache } from './support/through-the-cache';
import { until } from './support/until';

const HOSTS_TOML = '/etc/containerd/certs.d/docker.io/hosts.toml';
/** A node that is only known to the API: it has no kubelet. */
const PAPER_NODE = 'node-2';

describeCluster('a cluster that is changed node by node', (cluster, scenario) => {
  let project: Project;
  let cache: DeployedCache;

  const isChanged = () => existsSync(cluster().machine.path(HOSTS_TOML));
  const label = (node: string, value: string) =>
    cluster().kubectl.run(['label', 'node', node, value, '--overwrite']);
  /** Waits until these nodes, and no others, have an agent's Pod. */
  const untilAgentsAreOn = (...nodes: readonly string[]) =>
    until(async () => (await cache.agentNodes()).join() === nodes.join(), {
      what: `agents on ${nodes.join(', ') || 'no node'}`,
      explain: async () => (await cache.agentNodes()).join(),
    });

  beforeAll(async () => {
    project = await Project.checkOut();
    await project.synth('e2e-filesystem', 'e2e-filesystem-plan', 'e2e-filesystem-canary');
    cache = new DeployedCache(cluster());
    await cluster().kubectl.create({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: PAPER_NODE,
        labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/hostname': PAPER_NODE },
      },
    });
  });

  afterAll(() => project.remove());

  scenario('shows what it would write, and writes nothing', async () => {
    await cluster().kubectl.apply(project.manifest('e2e-filesystem-plan'));
    await cache.registryRolledOut();
    await cache.untilNodeIs('planned');
    expect(await cache.agentLog()).toContain(`+++ ${HOSTS_TOML}`);
    expect(isChanged()).toBe(false);
  });

  scenario('changes the nodes with the label of the canary and no others', async () => {
    await label(PAPER_NODE, 'canary=yes');
    await cluster().kubectl.apply(project.manifest('e2e-filesystem-canary'));
    await untilAgentsAreOn(PAPER_NODE);
    expect(isChanged()).toBe(false);
    await label(PAPER_NODE, 'canary-');
    await label(site.node, 'canary=yes');
    await untilAgentsAreOn(site.node);
    await cache.untilNodeIs('applied');
    expect(isChanged()).toBe(true);
    proved('planned first; then one label decided which node was changed');
  });

  scenario('changes every node without the canary', async () => {
    await label(site.node, 'canary-');
    await cluster().kubectl.apply(project.manifest('e2e-filesystem'));
    await untilAgentsAreOn(site.node, PAPER_NODE);
    await cache.untilNodeIs('applied');
    proved(inWords(await throughTheCache(cluster(), cache, 'everywhere:1')));
    await cluster().kubectl.run(['delete', 'node', PAPER_NODE]);
  });

  scenario('works on after containerd and kubelet were started anew', async () => {
    const { node } = cluster();
    await node.restart();
    await cluster().untilNodeIsReady();
    await cache.untilNodeIs('applied');
    proved(`after a restart of the node: ${inWords(await throughTheCache(cluster(), cache, 'rebooted:1'))}`);
  });
});
