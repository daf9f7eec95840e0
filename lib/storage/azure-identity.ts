import type { k8s } from 'cdk8s-plus-27';
import type { AuthSecret } from '../auth-secret';

/** An environment variable whose value is a key of a Secret. */
export function secretEnv(name: string, secret: string, key: string): k8s.EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

const tokenFolder = '/var/run/secrets/azure/tokens';
const tokenFile = 'azure-identity-token';

/**
 * What a Pod needs to act as a federated identity. The names are those of Azure's admission webhook,
 * so that the same manifest works where the webhook runs and where it does not:
 * https://azure.github.io/azure-workload-identity/docs/installation/mutating-admission-webhook.html.
 */
export function azureIdentity(secret: AuthSecret<'azureIdentity'>) {
  const volumes: readonly k8s.Volume[] = [
    {
      name: tokenFile,
      projected: {
        defaultMode: 0o440,
        sources: [
          {
            serviceAccountToken: {
              audience: 'api://AzureADTokenExchange',
              expirationSeconds: 3600,
              path: tokenFile,
            },
          },
        ],
      },
    },
  ];
  const env: readonly k8s.EnvVar[] = [
    secretEnv('AZURE_CLIENT_ID', secret.name, secret.keys.clientId),
    secretEnv('AZURE_TENANT_ID', secret.name, secret.keys.tenantId),
    { name: 'AZURE_FEDERATED_TOKEN_FILE', value: `${tokenFolder}/${tokenFile}` },
    { name: 'AZURE_AUTHORITY_HOST', value: 'https://login.microsoftonline.com/' },
  ];
  const mounts: readonly k8s.VolumeMount[] = [{ name: tokenFile, mountPath: tokenFolder, readOnly: true }];
  const podLabels: Readonly<Record<string, string>> = { 'azure.workload.identity/use': 'true' };
  return { volumes, env, mounts, podLabels };
}
