import type { k8s } from 'cdk8s-plus-27';
import { loginVolume } from './secret-volumes';
import { secretFileMode } from './security';
import type { Upstream } from './upstream';

const folder = '/etc/docker-cache-login';

/** The files of the login to an upstream: where they are, and where they come from. */
export interface UpstreamLogin {
  /** Undefined where the upstream is asked without a login. */
  readonly folder?: string;
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
}

export function upstreamLogin({ credentials }: Upstream): UpstreamLogin {
  if (credentials === undefined) return { volumes: [], mounts: [] };
  return {
    folder,
    volumes: [loginVolume('upstream-login', credentials, secretFileMode)],
    mounts: [{ name: 'upstream-login', mountPath: folder, readOnly: true }],
  };
}
