import type { k8s } from 'cdk8s-plus-27';
import type { NodesOptions } from './cluster';

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
    volumes.push({
      name: 'ca',
      secret: {
        secretName: ca.name,
        defaultMode: fileMode,
        items: [{ key: ca.keys.certificate, path: 'ca.crt' }],
      },
    });
    mounts.push({ name: 'ca', mountPath: caFolder, readOnly: true });
  }
  if (login !== undefined) {
    volumes.push({
      name: 'login',
      secret: {
        secretName: login.name,
        defaultMode: fileMode,
        items: [
          { key: login.keys.username, path: 'username' },
          { key: login.keys.password, path: 'password' },
        ],
      },
    });
    mounts.push({ name: 'login', mountPath: loginFolder, readOnly: true });
  }
  return { volumes, mounts };
}
