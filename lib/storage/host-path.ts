import type { Construct } from 'constructs';
import { k8s } from 'cdk8s-plus-27';
import { nameSlug, product } from '../names';
import type { Problem } from '../problem';
import { checkFolderScript, prepareFolderScript } from '../render/host-folder';
import { unprivileged } from '../security';
import type { StorageBackend, StorageConfig, StorageRequest, StorageUse } from '../storage-backend';
import { hostPathProblems } from '../validation/host-path';
import { type KeysOf, unknownKeys } from '../validation/unknown-keys';

export interface HostPathOptions {
  /** The node that keeps the images: its `kubernetes.io/hostname` label. The cache runs there. */
  readonly node: string;
  /** Folder of that node; every upstream has one below it. @default /var/lib/registry */
  readonly path?: string;
  /**
   * Says that the folders exist and are writable for group 65532, so that nothing runs as root:
   * the namespace may then be `restricted`.
   * @default false
   */
  readonly prepared?: boolean;
}

/** The folder that OpenPAI's guide names. */
export const defaultHostPath = '/var/lib/registry';

/**
 * Capacity of the volume. Kubernetes wants one and enforces none on a hostPath, and a claim cannot be
 * resized without a provisioner, so it is the same for ever.
 */
const nominalCapacity = k8s.Quantity.fromString('1Ti');

const mountPath = '/var/lib/registry';

/** Name of a volume: node and folder are in it, because neither of the two can be changed in one. */
export function hostVolumeName(node: string, folder: string): string {
  return [product, nameSlug(node), ...folder.split('/').filter(Boolean).map(nameSlug)].join('.');
}

function addVolume(scope: Construct, options: Required<HostPathOptions>, request: StorageRequest): string {
  const folder = `${options.path}/${request.host}`;
  const name = hostVolumeName(options.node, folder);
  const { namespace } = request;
  const shared = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: '',
  };
  new k8s.KubePersistentVolume(scope, 'volume', {
    metadata: { name, labels: request.labels },
    spec: {
      ...shared,
      capacity: { storage: nominalCapacity },
      persistentVolumeReclaimPolicy: 'Retain',
      hostPath: { path: folder, type: options.prepared ? 'Directory' : 'DirectoryOrCreate' },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [options.node] }] },
          ],
        },
      },
      claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name },
    },
  });
  new k8s.KubePersistentVolumeClaim(scope, 'claim', {
    metadata: { name, namespace, labels: request.labels },
    spec: { ...shared, volumeName: name, resources: { requests: { storage: nominalCapacity } } },
  });
  return name;
}

function folderInit(options: Required<HostPathOptions>, request: StorageRequest): k8s.Container {
  const script = { folder: mountPath, hostFolder: `${options.path}/${request.host}`, group: request.user };
  return {
    name: options.prepared ? 'check-folder' : 'prepare-folder',
    image: request.registryImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['/bin/sh', '-c', options.prepared ? checkFolderScript(script) : prepareFolderScript(script)],
    volumeMounts: [{ name: 'storage', mountPath }],
    resources: { requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('16Mi') } },
    securityContext: options.prepared ? unprivileged : { ...unprivileged, runAsUser: 0, runAsNonRoot: false },
  };
}

const optionKeys: KeysOf<Required<HostPathOptions>> = { node: true, path: true, prepared: true };

function problems(options: HostPathOptions, use: StorageUse): readonly Problem[] {
  const found = [...unknownKeys('', options, optionKeys), ...hostPathProblems(withDefaults(options))];
  if (use.replicas > 1) {
    found.push({
      property: '',
      problem: `is a folder of one node, which ${use.replicas} replicas cannot share`,
      remedy: 'set replicas to 1, or use StorageBackend.azureBlob',
    });
  }
  return found;
}

function bind(scope: Construct, options: Required<HostPathOptions>, request: StorageRequest): StorageConfig {
  const claimName = addVolume(scope, options, request);
  return {
    driver: { type: 'filesystem', rootDirectory: mountPath },
    env: [],
    volumes: [{ name: 'storage', persistentVolumeClaim: { claimName } }],
    mounts: [{ name: 'storage', mountPath }],
    initContainers: [folderInit(options, request)],
    programFiles: {},
    podLabels: {},
    tolerations: [
      { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists', effect: 'NoSchedule' },
      { key: 'node-role.kubernetes.io/master', operator: 'Exists', effect: 'NoSchedule' },
    ],
    egress: [],
  };
}

function withDefaults({
  node,
  path = defaultHostPath,
  prepared = false,
}: HostPathOptions): Required<HostPathOptions> {
  return { node, path, prepared };
}

/** A folder of one node. It is mounted through a PersistentVolume, because Pod Security refuses it in a Pod. */
export function hostPath(options: HostPathOptions): StorageBackend {
  return {
    shared: false,
    podSecurity: options.prepared === true ? 'restricted' : 'baseline',
    serviceAccountAnnotations: () => ({}),
    problems: (use) => problems(options, use),
    bind: (scope, request) => bind(scope, withDefaults(options), request),
  };
}
