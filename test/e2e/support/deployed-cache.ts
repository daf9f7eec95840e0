import type { TestCluster } from './cluster';
import type { KubernetesObject } from './kubectl';
import { site } from './site';
import { until } from './until';

const CACHE = ['-n', 'docker-cache'];
const NODES = ['-n', 'docker-cache-nodes'];
const AGENTS = [...NODES, '-l', 'app.kubernetes.io/component=node-configurator'];
const REGISTRY = 'docker-cache-docker-io';

interface WaitingContainer {
  readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

interface MirrorOfNode {
  readonly state: string;
  readonly probe?: { readonly result: string; readonly at: string };
}

/** What was applied to the cluster: the cache of Docker Hub, and the agents on the nodes. */
export class DeployedCache {
  constructor(private readonly cluster: TestCluster) {}

  /** Waits until the cache and every agent are Ready; the seconds it took. */
  async ready(): Promise<number> {
    const started = Date.now();
    await this.registryRolledOut();
    await this.agentsRolledOut();
    return (Date.now() - started) / 1000;
  }

  async registryRolledOut(): Promise<void> {
    await this.rollout([...CACHE, 'rollout', 'status', `deployment/${REGISTRY}`, '--timeout=150s']);
  }

  async agentsRolledOut(): Promise<void> {
    await this.rollout([...NODES, 'rollout', 'status', 'daemonset', '--timeout=150s']);
  }

  /** The cache's Pod, the newest where one is just going. */
  async registryPod(): Promise<KubernetesObject> {
    return this.pod([...CACHE, '-l', 'app.kubernetes.io/component=cache']);
  }

  /** The agent's Pod on the node that is real. */
  async agentPod(): Promise<KubernetesObject> {
    return this.pod([...AGENTS, '--field-selector', `spec.nodeName=${site.node}`]);
  }

  /** The nodes that have an agent's Pod, running or not. */
  async agentNodes(): Promise<string[]> {
    const items = (await this.cluster.kubectl.get('pods', ...AGENTS))['items'] as KubernetesObject[];
    return items.map((pod) => targetNode(pod)).sort();
  }

  /** Why the containers of the cache's Pod wait, in Kubernetes' words. */
  async registryReason(): Promise<string> {
    const { status } = await this.registryPod();
    const containers = [
      ...(status.initContainerStatuses ?? []),
      ...(status.containerStatuses ?? []),
    ] as WaitingContainer[];
    return containers
      .map(({ state }) => `${state?.waiting?.reason ?? ''}: ${state?.waiting?.message ?? ''}`)
      .join('\n');
  }

  async scale(replicas: number): Promise<void> {
    await this.cluster.kubectl.run([...CACHE, 'scale', `deployment/${REGISTRY}`, `--replicas=${replicas}`]);
  }

  /** Waits until no Pod of the cache is left. */
  async registryGone(): Promise<void> {
    const selection = ['-l', 'app.kubernetes.io/component=cache', '--timeout=60s'];
    await this.cluster.kubectl.run([...CACHE, 'wait', 'pod', '--for=delete', ...selection]);
  }

  /** Waits until the kubelet has started the registry of this Pod once more; the seconds it took. */
  async untilRegistryHasRestarted(): Promise<number> {
    return until(
      async () => {
        const { status } = await this.registryPod();
        return (status.containerStatuses as { restartCount: number }[]).some(
          ({ restartCount }) => restartCount > 0,
        );
      },
      { what: 'the registry is started anew' },
    );
  }

  /** The sum of a metric of the registry: `pulled` is what came from the upstream, `pushed` what went to clients. */
  async blobBytes(direction: 'pulled' | 'pushed'): Promise<number> {
    const address = (await this.registryPod())['status'].podIP as string;
    const text = await this.cluster.machine.exec('busybox', 'wget', '-qO-', `http://${address}:5001/metrics`);
    const line = text
      .split('\n')
      .find((each) => each.startsWith(`registry_proxy_${direction}_bytes_total{type="blob"}`));
    return Number(line?.split(' ').pop());
  }

  /** Everything that the agent says of its node. */
  async nodeStatus(): Promise<string> {
    const address = (await this.agentPod())['status'].podIP as string;
    return this.cluster.machine.exec('busybox', 'wget', '-qO-', `http://${address}:8080/status`);
  }

  /** Where the agent says that the node stands with Docker Hub. */
  async nodeState(): Promise<string> {
    const { mirrors } = JSON.parse(await this.nodeStatus()) as { mirrors: { state: string }[] };
    return mirrors.map(({ state }) => state).join();
  }

  /** Waits until the node stands there; the seconds it took. */
  async untilNodeIs(state: string, timeoutMs?: number): Promise<number> {
    return until(async () => (await this.nodeState()) === state, {
      what: `the node is ${state}`,
      timeoutMs,
      explain: async () => `${await this.nodeStatus()}\n${await this.agentLog()}`,
    });
  }

  /** Waits until the cache and every agent are Ready and the node has found the cache good since then. */
  async inUse(): Promise<number> {
    const started = Date.now();
    await this.ready();
    const readyAt = Date.now();
    await until(
      async () => {
        const { mirrors } = JSON.parse(await this.nodeStatus()) as { mirrors: MirrorOfNode[] };
        return mirrors.every(
          ({ state, probe }) =>
            state === 'applied' && probe?.result === 'ok' && Date.parse(probe.at) > readyAt,
        );
      },
      { what: 'the node uses the cache', explain: () => this.agentLog() },
    );
    return (Date.now() - started) / 1000;
  }

  /** Waits until the agent's Pod is Ready, or not. */
  async untilAgentIs(condition: 'Ready' | 'NotReady'): Promise<number> {
    return until(async () => isReady(await this.agentPod()) === (condition === 'Ready'), {
      what: `the agent is ${condition}`,
      explain: () => this.agentLog(),
    });
  }

  agentLog(): Promise<string> {
    return this.cluster.kubectl.run([...NODES, 'logs', 'daemonset/docker-cache-nodes', '--tail=50']);
  }

  private async rollout(args: readonly string[]): Promise<void> {
    const { kubectl } = this.cluster;
    const { code, stdout, stderr } = await kubectl.try(args);
    if (code === 0) return;
    const described = await kubectl.run([...args.slice(0, 2), 'describe', 'pods']);
    const logs = await kubectl.try([
      ...args.slice(0, 2),
      'logs',
      '-l',
      'app.kubernetes.io/name=docker-cache',
      '--all-containers',
      '--tail=40',
    ]);
    throw new Error([stdout, stderr, described, logs.stdout, logs.stderr].join('\n'));
  }

  private async pod(selection: readonly string[]): Promise<KubernetesObject> {
    const list = await this.cluster.kubectl.get(
      'pods',
      '--sort-by=.metadata.creationTimestamp',
      ...selection,
    );
    const pods = (list['items'] as KubernetesObject[]).filter(
      ({ metadata }) => metadata.deletionTimestamp === undefined,
    );
    const pod = pods.at(-1);
    if (pod === undefined) throw new Error(`there is no Pod of ${selection.join(' ')}`);
    return pod;
  }
}

/** The node of a DaemonSet's Pod: before it is scheduled, the one that it was made for. */
function targetNode({ spec }: KubernetesObject): string {
  if (spec.nodeName !== undefined) return spec.nodeName as string;
  const terms = spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution
    .nodeSelectorTerms as {
    matchFields?: { values: string[] }[];
  }[];
  return terms[0]?.matchFields?.[0]?.values[0] ?? '';
}

/** Whether a Pod's own condition says Ready. */
export function isReady(pod: KubernetesObject): boolean {
  const conditions = (pod['status'].conditions ?? []) as { type: string; status: string }[];
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}
