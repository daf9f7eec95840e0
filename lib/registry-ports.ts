import { k8s } from 'cdk8s-plus-27';

/** The port that a cache's Service leads to, whoever listens there: the one that OpenPAI's users know. */
export const registryPort = { name: 'registry', containerPort: 5000 } as const;

/** The port of the registry's metrics. */
export const debugPort = { name: 'debug', containerPort: 5001 } as const;

/** The port of the metrics of the registry that only reads. */
export const localDebugPort = { name: 'debug-local', containerPort: 5004 } as const;

/** Folder of the ConfigMap's files in every container. */
export const configFolder = '/etc/docker-cache';

/** Asks the registry for `/`, which needs no login, wraps its storage check and asks no upstream. */
export function registryProbes(scheme: 'HTTP' | 'HTTPS') {
  const probe: k8s.Probe = {
    httpGet: { path: '/', port: k8s.IntOrString.fromString(registryPort.name), scheme },
    periodSeconds: 5,
    timeoutSeconds: 2,
    failureThreshold: 2,
  };
  // A registry listens within a second; a minute is for a node that is busy with everything else.
  return { startupProbe: { ...probe, failureThreshold: 12 }, readinessProbe: probe };
}

/** Restarts a registry that does not answer any more; cut short, because it will not end by itself. */
export function registryLiveness(port: string): k8s.Probe {
  return {
    httpGet: { path: '/metrics', port: k8s.IntOrString.fromString(port) },
    periodSeconds: 5,
    timeoutSeconds: 2,
    failureThreshold: 3,
    terminationGracePeriodSeconds: 1,
  };
}
