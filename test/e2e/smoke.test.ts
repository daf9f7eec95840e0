import { expect } from '@jest/globals';
import { describeCluster, proved } from './support/describe-cluster';
import { site } from './support/site';
import { until } from './support/until';

describeCluster('a Kubernetes of this test', (cluster, scenario) => {
  scenario('runs a Pod from an image that was loaded on the node', async () => {
    const { kubectl } = cluster();
    await until(async () => (await kubectl.get('serviceaccount', 'default'))['kind'] === 'ServiceAccount', {
      what: 'the default ServiceAccount',
    });
    await kubectl.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'smoke', namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'main', image: site.images.pause, imagePullPolicy: 'Never' }],
      },
    });
    const seconds = await until(
      async () => (await kubectl.get('pod', 'smoke'))['status'].phase === 'Running',
      { what: 'the Pod runs', explain: () => kubectl.run(['describe', 'pod', 'smoke']) },
    );
    proved(`a Pod of a real kubelet ran after ${seconds.toFixed(1)} s`);
    expect((await kubectl.get('pod', 'smoke'))['status'].podIP).toMatch(/^10\.214\./);
  });
});
