import type { k8s } from 'cdk8s-plus-27';
import { caVolume } from './secret-volumes';
import { secretFileMode } from './security';
import type { Upstream } from './upstream';

const folder = '/etc/docker-cache-ca';

/** What a container needs to get out of a corporate network: a proxy, and an authority that it trusts. */
export interface OutboundNetwork {
  /** Environment of the registry, which is written in Go. */
  readonly registryEnv: readonly k8s.EnvVar[];
  /** Environment of the programs, which run on Node.js. */
  readonly programEnv: readonly k8s.EnvVar[];
  readonly volumes: readonly k8s.Volume[];
  readonly mounts: readonly k8s.VolumeMount[];
}

function proxyEnv({ proxy, url }: Upstream): k8s.EnvVar[] {
  if (proxy === undefined) return [];
  return [
    { name: 'HTTPS_PROXY', value: proxy.httpsProxy },
    ...(url.startsWith('http:') ? [{ name: 'HTTP_PROXY', value: proxy.httpsProxy }] : []),
    ...(proxy.noProxy === undefined ? [] : [{ name: 'NO_PROXY', value: proxy.noProxy.join(',') }]),
  ];
}

/** The way out for everything that serves one upstream. */
export function outboundNetwork(upstream: Upstream): OutboundNetwork {
  const env = proxyEnv(upstream);
  const { ca } = upstream;
  if (ca === undefined) return { registryEnv: env, programEnv: env, volumes: [], mounts: [] };
  return {
    // Besides the system's bundle, which Go goes on reading: https://pkg.go.dev/crypto/x509#SystemCertPool.
    registryEnv: [...env, { name: 'SSL_CERT_DIR', value: folder }],
    programEnv: [...env, { name: 'NODE_EXTRA_CA_CERTS', value: `${folder}/ca.crt` }],
    volumes: [caVolume('upstream-ca', ca, secretFileMode)],
    mounts: [{ name: 'upstream-ca', mountPath: folder, readOnly: true }],
  };
}
