import type { TestCluster } from './cluster';
import { until } from './until';

/** A Pod of somebody who uses the cluster, with an image of Docker Hub. */
export class TestPod {
  private constructor(
    private readonly cluster: TestCluster,
    readonly name: string,
    /** From its creation until it ran. */
    readonly seconds: number,
  ) {}

  /** Creates the Pod and waits until it runs. */
  static async run(cluster: TestCluster, image: string, timeoutMs = 120_000): Promise<TestPod> {
    const { kubectl } = cluster;
    count += 1;
    const name = `user-${count}`;
    await kubectl.create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, namespace: 'default' },
      spec: {
        terminationGracePeriodSeconds: 0,
        automountServiceAccountToken: false,
        dnsPolicy: 'Default',
        containers: [{ name: 'main', image: `docker.io/library/${image}`, imagePullPolicy: 'IfNotPresent' }],
      },
    });
    const seconds = await until(async () => (await kubectl.get('pod', name))['status'].phase === 'Running', {
      what: `a Pod of ${image} runs`,
      timeoutMs,
      explain: () => kubectl.run(['describe', 'pod', name]),
    });
    return new TestPod(cluster, name, seconds);
  }

  /** Whether the kubelet had to pull the image. */
  async pulled(): Promise<boolean> {
    const events = await this.cluster.kubectl.get(
      'events',
      '--field-selector',
      `involvedObject.name=${this.name}`,
    );
    return (events['items'] as { reason: string }[]).some(({ reason }) => reason === 'Pulling');
  }

  async remove(): Promise<void> {
    await this.cluster.kubectl.run(['delete', 'pod', this.name, '--wait', '--grace-period=0', '--force']);
  }
}

let count = 0;

/** Pulls and runs an image in a Pod that is gone afterwards; the seconds until it ran. */
export async function runOnce(cluster: TestCluster, image: string, timeoutMs?: number): Promise<number> {
  const pod = await TestPod.run(cluster, image, timeoutMs);
  if (!(await pod.pulled())) throw new Error(`the node had ${image} already: nothing was pulled`);
  await pod.remove();
  return pod.seconds;
}

/** Runs an image that the node is made to forget first. */
export async function runAgain(cluster: TestCluster, image: string): Promise<number> {
  await cluster.node.forgetImage(`docker.io/library/${image}`);
  return runOnce(cluster, image);
}
