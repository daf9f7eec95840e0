import type { k8s } from 'cdk8s-plus-27';

/** User and group of the cache's processes; the group owns what they write. */
export const cacheUser = 65532;

/** What every container of the cache may do: nothing but run. */
export const unprivileged: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** The Pod's part of it: not root, and Secret files readable by its group. */
export const unprivilegedPod: k8s.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: cacheUser,
  runAsGroup: cacheUser,
  fsGroup: cacheUser,
  fsGroupChangePolicy: 'OnRootMismatch',
  seccompProfile: { type: 'RuntimeDefault' },
};

/** Owner reads, group reads: for files of Secrets, which belong to root and to the Pod's group. */
export const secretFileMode = 0o440;

/** Everybody reads and runs: for scripts of a ConfigMap. */
export const scriptFileMode = 0o555;
