import type { FrontTier, FrontTierConfig, FrontTierRequest } from '../front-tier';
import { registryPort, registryProbes } from '../registry-ports';
import { accessFiles, accessVolumes, checkHtpasswd, tlsMount, usersMount } from './access-files';

const address = `:${registryPort.containerPort}`;

function bind({ access, programImage, programs }: FrontTierRequest): FrontTierConfig {
  const nothing = {
    containers: [],
    configFiles: {},
    drainSeconds: 25,
    terminationSeconds: 30,
    egress: [],
    addressedPods: false,
  } as const;
  if (access.type === 'open') {
    return {
      ...nothing,
      registry: { address, ports: [registryPort], probes: registryProbes('HTTP'), mounts: [] },
      initContainers: [],
      volumes: [],
      programFiles: {},
    };
  }
  const check = checkHtpasswd(programImage, programs);
  return {
    ...nothing,
    registry: {
      address,
      htpasswdFile: accessFiles.htpasswd,
      tls: { certificate: accessFiles.certificate, key: accessFiles.privateKey },
      ports: [registryPort],
      probes: registryProbes('HTTPS'),
      mounts: [usersMount, tlsMount],
    },
    initContainers: [check.container],
    volumes: accessVolumes(access),
    programFiles: check.programFiles,
  };
}

/** Nobody: the registry itself listens, ends TLS and checks logins. */
export function noFrontTier(): FrontTier {
  return { images: [], problems: () => [], bind };
}
