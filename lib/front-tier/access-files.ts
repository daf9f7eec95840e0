import { k8s } from 'cdk8s-plus-27';
import type { HtpasswdAccessOptions } from '../access';
import type { Programs } from '../programs';
import { configFolder } from '../registry-ports';
import { secretFileMode, unprivileged } from '../security';

const folder = '/etc/docker-cache-access';

/** The files of an htpasswd access, where they are in the containers that mount them. */
export const accessFiles = {
  htpasswd: `${folder}/users/htpasswd`,
  certificate: `${folder}/tls/tls.crt`,
  privateKey: `${folder}/tls/tls.key`,
} as const;

/** The users' file: whole folders are mounted, so that new content arrives without a restart. */
export const usersMount: k8s.VolumeMount = { name: 'users', mountPath: `${folder}/users`, readOnly: true };

export const tlsMount: k8s.VolumeMount = { name: 'tls', mountPath: `${folder}/tls`, readOnly: true };

/** The volumes that those files come from. */
export function accessVolumes({ users, tls }: HtpasswdAccessOptions): readonly k8s.Volume[] {
  return [
    {
      name: 'users',
      secret: {
        secretName: users.name,
        defaultMode: secretFileMode,
        items: [{ key: users.keys.htpasswd, path: 'htpasswd' }],
      },
    },
    {
      name: 'tls',
      secret: {
        secretName: tls.name,
        defaultMode: secretFileMode,
        items: [
          { key: tls.keys.certificate, path: 'tls.crt' },
          { key: tls.keys.privateKey, path: 'tls.key' },
        ],
      },
    },
  ];
}

const programFile = 'check-htpasswd.cjs';

/** Refuses to start on a users' file that the registry would answer 400 or 401 with for ever. */
export function checkHtpasswd(image: string, programs: Programs) {
  const container: k8s.Container = {
    name: 'check-htpasswd',
    image,
    imagePullPolicy: 'IfNotPresent',
    command: ['node', `${configFolder}/${programFile}`, accessFiles.htpasswd],
    volumeMounts: [{ name: 'config', mountPath: configFolder, readOnly: true }, usersMount],
    resources: {
      requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('48Mi') },
      limits: { memory: k8s.Quantity.fromString('128Mi') },
    },
    securityContext: unprivileged,
  };
  return { container, programFiles: { [programFile]: programs.checkHtpasswd } };
}
