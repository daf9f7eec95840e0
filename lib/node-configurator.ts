import { k8s } from 'cdk8s-plus-27';
import { Construct } from 'constructs';
import { agentConfig } from './agent-config';
import type { NodePool, NodesOptions } from './cluster';
import { contentHash } from './content-hash';
import { defaultNodeImage } from './images';
import { product } from './names';
import { agentLiveness, agentPort, agentReadiness } from './node-agent-ports';
import { nodeFolders, runtimeNeeds } from './node-folders';
import type { NodeMirror } from './node-mirror';
import { nodeSecrets } from './node-secrets';
import type { Programs } from './programs';
import { configFolder } from './registry-ports';
import { defaultPoolName } from './validation/pools';

export interface NodeConfiguratorProps {
  readonly namespace: string;
  readonly nodes: NodesOptions;
  readonly pool: NodePool;
  readonly mirrors: readonly NodeMirror[];
  readonly programs: Programs;
}

const programFile = 'node-agent.cjs';
const configFile = 'config.json';
const hostRoot = '/host';
const containerName = 'node-agent';

/**
 * The runtimes' default AppArmor profile blocks signals to processes outside the container. The annotation
 * is what clusters of every version understand: https://kubernetes.io/docs/tutorials/security/apparmor/.
 */
const unconfined = { [`container.apparmor.security.beta.kubernetes.io/${containerName}`]: 'unconfined' };

/** The agents of one pool of nodes: a Pod on each, which points the node's runtime at the mirrors. */
export class NodeConfigurator extends Construct {
  /** Name of the pool's objects. */
  readonly objectName: string;
  readonly labels: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: NodeConfiguratorProps) {
    super(scope, id);
    const { namespace, nodes, pool, programs } = props;
    const name = pool.name ?? defaultPoolName;
    this.objectName = `${product}-${name}`;
    this.labels = {
      'app.kubernetes.io/name': product,
      'app.kubernetes.io/component': 'node-configurator',
      'docker-cache/pool': name,
    };
    const metadata = {
      name: this.objectName,
      namespace,
      labels: { ...this.labels, 'app.kubernetes.io/part-of': product },
    };
    const files = {
      [configFile]: `${JSON.stringify(agentConfig(nodes, pool, props.mirrors), undefined, 2)}\n`,
      [programFile]: programs.nodeAgent,
    };
    new k8s.KubeConfigMap(this, 'config', { metadata, data: files });
    new k8s.KubeDaemonSet(this, 'daemon-set', {
      metadata,
      spec: {
        selector: { matchLabels: { ...this.labels } },
        revisionHistoryLimit: 3,
        updateStrategy: {
          type: 'RollingUpdate',
          rollingUpdate: { maxUnavailable: intOrString(nodes.maxUnavailable ?? '10%') },
        },
        template: {
          metadata: {
            labels: metadata.labels,
            annotations: {
              'docker-cache/config-hash': contentHash(files),
              ...(runtimeNeeds(pool.runtime).signals ? unconfined : {}),
            },
          },
          spec: this.podSpec(props),
        },
      },
    });
  }

  private podSpec({ nodes, pool }: NodeConfiguratorProps): k8s.PodSpec {
    const { signals } = runtimeNeeds(pool.runtime);
    const folders = nodeFolders(pool.runtime, nodes.mode);
    const secrets = nodeSecrets(nodes);
    return {
      // Names resolve as the node's runtime resolves them.
      dnsPolicy: 'Default',
      hostPid: signals ? true : undefined,
      priorityClassName: 'system-node-critical',
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      terminationGracePeriodSeconds: 10,
      nodeSelector: { 'kubernetes.io/os': 'linux', ...pool.selector, ...pool.canary },
      affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: notVirtual } },
      tolerations: [{ operator: 'Exists' }],
      securityContext: {
        runAsUser: 0,
        runAsGroup: 0,
        seLinuxOptions: { type: 'spc_t' },
        seccompProfile: { type: 'RuntimeDefault' },
      },
      containers: [
        {
          name: containerName,
          image: nodes.image ?? defaultNodeImage,
          imagePullPolicy: 'IfNotPresent',
          command: [
            'node',
            `${configFolder}/${programFile}`,
            'run',
            '--config',
            `${configFolder}/${configFile}`,
            '--host-root',
            hostRoot,
          ],
          env: [
            { name: 'HOST_IP', valueFrom: { fieldRef: { fieldPath: 'status.hostIP' } } },
            { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          ports: [agentPort],
          readinessProbe: agentReadiness,
          livenessProbe: agentLiveness,
          resources: {
            requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') },
            limits: { memory: k8s.Quantity.fromString('128Mi') },
          },
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
          volumeMounts: [
            { name: 'config', mountPath: configFolder, readOnly: true },
            ...folders.map(({ name, path, writable }) => ({
              name: `node-${name}`,
              mountPath: `${hostRoot}${path}`,
              readOnly: writable ? undefined : true,
            })),
            ...secrets.mounts,
          ],
        },
      ],
      volumes: [
        { name: 'config', configMap: { name: this.objectName } },
        ...folders.map(({ name, path, isFile }) => ({
          name: `node-${name}`,
          hostPath: {
            path,
            type: isFile ? 'File' : nodes.mode === 'plan' ? 'Directory' : 'DirectoryOrCreate',
          },
        })),
        ...secrets.volumes,
      ],
    };
  }
}

/** Nodes that are no machines have no runtime: https://virtual-kubelet.io. */
const notVirtual: k8s.NodeSelector = {
  nodeSelectorTerms: [
    { matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['virtual-kubelet'] }] },
  ],
};

function intOrString(value: number | string): k8s.IntOrString {
  return typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);
}
