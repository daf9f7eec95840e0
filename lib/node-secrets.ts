import type { k8s } from 'cdk8s-plus-27';
import type { NodesOptions } from './cluster';
import { caVolume, loginVolume } from './secret-volumes';

const caFolder = '/etc/docker-cache-node-ca';
const loginFolder = '/etc/docker-cache-node-login';

/** Files of the nodes' Secrets, where the agent reads them. */
export const nodeSecretFiles = {
  ca: `${caFolder}/ca.crt`,
  username: `${loginFolder}/username`,
  password: `${loginFolder}/password`,
} as const;

/** Owner reads: the agent is uid 0. */
const fileMode = 0o400;

/** The Secrets of the nodes as volumes of the agent. Folders are mounted, so that a rotated value arrives. */
export function nodeSecrets({ ca, login }: Pick<NodesOptions, 'ca' | 'login'>) {
  const volumes: k8s.Volume[] = [];
  const mounts: k8s.VolumeMount[] = [];
  if (ca !== undefined) {
    volumes.push(caVolume('ca', ca, fileMode));
    mounts.push({ name: 'ca', mountPath: caFolder, readOnly: true });
  }
  if (login !== undefined) {
    volumes.push(loginVolume('login', login, fileMode));
    mounts.push({ name: 'login', mountPath: loginFolder, readOnly: true });
  }
  return { volumes, mounts };
}
