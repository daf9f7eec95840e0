import { PrincipalType, RoleAssignment } from '@pulumi/azure-native/authorization';
import { FederatedIdentityCredential, UserAssignedIdentity } from '@pulumi/azure-native/managedidentity';
import { type CustomResourceOptions, type Output, secret } from '@pulumi/pulumi';

/** Who is trusted: a ServiceAccount of one cluster. */
export interface WorkloadIdentity {
  /** The cluster's OIDC issuer: `az aks show --query oidcIssuerProfile.issuerUrl`. */
  readonly issuer: string;
  /** Namespace of the ServiceAccount. */
  readonly namespace: string;
  readonly serviceAccount: string;
}

interface BlobIdentityArgs extends WorkloadIdentity {
  readonly resourceGroupName: string;
  readonly location: string | undefined;
  readonly tags: Record<string, string> | undefined;
  /** ARM id of the storage account. */
  readonly accountId: Output<string>;
  /** ARM id of what is read and written: the container, or the whole account. */
  readonly blobsId: Output<string>;
  readonly options: CustomResourceOptions;
}

/** https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/storage */
const roles = {
  /** Reads, writes and deletes blobs. */
  'blob-data-contributor': 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  /** Signs the URLs that the registry redirects to; Azure knows this right for a whole account only. */
  'blob-delegator': 'db58b8e5-c6ad-4a2a-8342-4190687cbf4a',
} as const;

function roleDefinition(id: string, role: string): string {
  const subscription = id.split('/').slice(0, 3).join('/');
  return `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
}

/** An identity that a ServiceAccount may act as, and that may read, write and sign; the ids to sign in with. */
export function blobIdentity(name: string, args: BlobIdentityArgs) {
  const { resourceGroupName, location, tags, issuer, namespace, serviceAccount, options } = args;
  const identity = new UserAssignedIdentity(
    name,
    { resourceGroupName, location, tags, resourceName: `docker-cache-${name}` },
    options,
  );
  new FederatedIdentityCredential(
    name,
    {
      resourceGroupName,
      resourceName: identity.name,
      federatedIdentityCredentialResourceName: 'docker-cache',
      issuer,
      subject: `system:serviceaccount:${namespace}:${serviceAccount}`,
      audiences: ['api://AzureADTokenExchange'],
    },
    options,
  );
  const assign = (role: keyof typeof roles, scope: Output<string>) =>
    new RoleAssignment(
      `${name}-${role}`,
      {
        scope,
        principalId: identity.principalId,
        // Without it Azure looks the new identity up, which may take it minutes to know.
        principalType: PrincipalType.ServicePrincipal,
        roleDefinitionId: args.accountId.apply((id) => roleDefinition(id, roles[role])),
      },
      options,
    );
  assign('blob-data-contributor', args.blobsId);
  assign('blob-delegator', args.accountId);
  return { clientId: secret(identity.clientId), tenantId: secret(identity.tenantId) };
}
