import type { k8s } from 'cdk8s-plus-27';
import * as z from 'zod/mini';
import type { AuthSecret } from '../auth-secret';
import { networkTarget } from '../network-target';
import type { Problem } from '../problem';
import type { StorageBackend, StorageConfig, StorageRequest } from '../storage-backend';
import { accountNameProblems, containerNameProblems, serviceUrlProblems } from '../validation/azure-names';
import { secretProblems } from '../validation/secrets';
import { secretShape, shapeProblems } from '../validation/shape';
import { type KeysOf, unknownKeys } from '../validation/unknown-keys';
import { createContainerInit } from './create-container-init';
import { azureIdentity, secretEnv } from './azure-identity';
import { blobServiceUrl } from './blob-service-url';

/** How a cache proves to Azure that it may use the account. */
export type AzureCredentials =
  | {
      /** The account's own key. */
      readonly type: 'accountKey';
      readonly secret: AuthSecret<'azureAccountKey'>;
    }
  | {
      /** A federated identity of the cache's ServiceAccount: no key exists anywhere. */
      readonly type: 'workloadIdentity';
      readonly secret: AuthSecret<'azureIdentity'>;
      /**
       * Client id for the ServiceAccount's annotation, for tools that look for one.
       * See https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html.
       * @default no annotation
       */
      readonly annotateClientId?: string;
    };

export interface AzureBlobOptions {
  /** Name of the storage account: 3 to 24 lower-case letters and digits. */
  readonly accountName: string;
  /** The account's key, or a federated identity, from a Secret. */
  readonly credentials: AzureCredentials;
  /** Name of the blob container. @default dockerregistry */
  readonly container?: string;
  /** Makes the container when it is missing. @default true */
  readonly createContainer?: boolean;
  /** DNS suffix of a sovereign cloud: `core.chinacloudapi.cn`. @default core.windows.net */
  readonly realm?: string;
  /** URL of the blob service, of an emulator for example. @default `https://<accountName>.blob.<realm>` */
  readonly serviceUrl?: string;
}

/** The container that OpenPAI used. */
export const defaultContainer = 'dockerregistry';

function credentialEnv(credentials: AzureCredentials): readonly k8s.EnvVar[] {
  return credentials.type === 'accountKey'
    ? [
        secretEnv(
          'REGISTRY_STORAGE_AZURE_ACCOUNTKEY',
          credentials.secret.name,
          credentials.secret.keys.accountKey,
        ),
      ]
    : azureIdentity(credentials.secret).env;
}

const optionKeys: KeysOf<Required<AzureBlobOptions>> = {
  accountName: true,
  credentials: true,
  container: true,
  createContainer: true,
  realm: true,
  serviceUrl: true,
};

const shape = z.object({
  accountName: z.string(),
  credentials: z.object({ type: z.string(), secret: secretShape, annotateClientId: z.optional(z.string()) }),
  container: z.optional(z.string()),
  createContainer: z.optional(z.boolean()),
  realm: z.optional(z.string()),
  serviceUrl: z.optional(z.string()),
});

function credentialsProblems({ type, secret }: AzureCredentials): Problem[] {
  const kinds = { accountKey: 'azureAccountKey', workloadIdentity: 'azureIdentity' } as const;
  if (Object.hasOwn(kinds, type)) return secretProblems('credentials.secret', secret, kinds[type]);
  return [
    {
      property: 'credentials.type',
      problem: 'is not a kind of credentials that the registry knows',
      value: type,
      remedy: 'use accountKey or workloadIdentity',
    },
  ];
}

function problems(options: AzureBlobOptions): readonly Problem[] {
  const wrongTypes = shapeProblems(shape, options);
  if (wrongTypes.length > 0) return wrongTypes;
  return [
    ...unknownKeys('', options, optionKeys),
    ...accountNameProblems(options.accountName),
    ...containerNameProblems(options.container ?? defaultContainer),
    ...serviceUrlProblems(options),
    ...credentialsProblems(options.credentials),
  ];
}

function bind(options: AzureBlobOptions, request: StorageRequest): StorageConfig {
  const { credentials } = options;
  const container = options.container ?? defaultContainer;
  const identity = credentials.type === 'workloadIdentity' ? azureIdentity(credentials.secret) : undefined;
  const init =
    options.createContainer === false ? undefined : createContainerInit(options, container, request);
  return {
    driver: {
      type: 'azure',
      accountName: options.accountName,
      container,
      rootDirectory: `/${request.host}`,
      credentials: identity === undefined ? 'shared_key' : 'default_credentials',
      realm: options.realm,
      serviceUrl: options.serviceUrl,
    },
    env: credentialEnv(credentials),
    volumes: identity?.volumes ?? [],
    mounts: identity?.mounts ?? [],
    initContainers: init === undefined ? [] : [init.container],
    programFiles: init?.programFiles ?? {},
    podLabels: identity?.podLabels ?? {},
    tolerations: [],
    egress: [
      networkTarget(blobServiceUrl(options), 'Azure Blob storage'),
      ...(identity === undefined ? [] : [{ port: 443, purpose: 'Entra ID' }]),
    ],
  };
}

function annotations({ credentials }: AzureBlobOptions): Readonly<Record<string, string>> {
  if (credentials.type !== 'workloadIdentity' || credentials.annotateClientId === undefined) return {};
  return { 'azure.workload.identity/client-id': credentials.annotateClientId };
}

/** A container of an Azure storage account; registries may share it. */
export function azureBlob(options: AzureBlobOptions): StorageBackend {
  return {
    shared: true,
    podSecurity: 'restricted',
    serviceAccountAnnotations: () => annotations(options),
    azure: options,
    problems: () => problems(options),
    bind: (_scope, request) => bind(options, request),
  };
}
