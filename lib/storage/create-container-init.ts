import { k8s } from 'cdk8s-plus-27';
import { configFolder } from '../registry-ports';
import { unprivileged } from '../security';
import type { StorageRequest } from '../storage-backend';
import type { AzureBlobOptions } from './azure-blob';
import { azureIdentity, secretEnv } from './azure-identity';
import { blobServiceUrl } from './blob-service-url';

const programFile = 'create-container.cjs';

/** The init container that makes the blob container when it is missing, and leaves it alone otherwise. */
export function createContainerInit(options: AzureBlobOptions, container: string, request: StorageRequest) {
  const { credentials } = options;
  const identity = credentials.type === 'workloadIdentity' ? azureIdentity(credentials.secret) : undefined;
  const key = credentials.type === 'accountKey' ? credentials.secret : undefined;
  const init: k8s.Container = {
    name: 'create-container',
    image: request.programImage,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `${configFolder}/${programFile}`],
    env: [
      { name: 'AZURE_STORAGE_ACCOUNT', value: options.accountName },
      { name: 'AZURE_STORAGE_CONTAINER', value: container },
      { name: 'AZURE_STORAGE_SERVICE_URL', value: blobServiceUrl(options) },
      ...(key === undefined ? [] : [secretEnv('AZURE_STORAGE_KEY', key.name, key.keys.accountKey)]),
      ...(identity?.env ?? []),
      ...request.network.programEnv,
    ],
    volumeMounts: [
      { name: 'config', mountPath: configFolder, readOnly: true },
      ...(identity?.mounts ?? []),
      ...request.network.mounts,
    ],
    resources: {
      requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('64Mi') },
      limits: { memory: k8s.Quantity.fromString('192Mi') },
    },
    securityContext: unprivileged,
  };
  return { container: init, programFiles: { [programFile]: request.programs.createContainer } };
}
