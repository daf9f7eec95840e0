/** Every Kubernetes resource that a cluster is made of. */
export const kubernetesTypes = [
  'pulumi:providers:kubernetes',
  'kubernetes:core/v1:Namespace',
  'kubernetes:core/v1:ServiceAccount',
  'kubernetes:core/v1:ConfigMap',
  'kubernetes:core/v1:Secret',
  'kubernetes:core/v1:Service',
  'kubernetes:core/v1:PersistentVolume',
  'kubernetes:core/v1:PersistentVolumeClaim',
  'kubernetes:apps/v1:Deployment',
  'kubernetes:apps/v1:DaemonSet',
  'kubernetes:networking.k8s.io/v1:NetworkPolicy',
  'kubernetes:policy/v1:PodDisruptionBudget',
  'docker-cache:index:AppliedObjects',
];

/** Those of an account that is opened with its key. */
export const keyAccountTypes = [
  'docker-cache:index:BlobAccount',
  'azure-native:storage:StorageAccount',
  'azure-native:storage:BlobServiceProperties',
  'azure-native:storage:BlobContainer',
];

/** Those of an account that is opened by an identity. */
export const identityAccountTypes = [
  ...keyAccountTypes,
  'azure-native:managedidentity:UserAssignedIdentity',
  'azure-native:managedidentity:FederatedIdentityCredential',
  'azure-native:authorization:RoleAssignment',
];
