import { k8s } from 'cdk8s-plus-27';

/** Where the agent answers /readyz, /livez, /metrics and /status. */
export const agentPort = { name: 'agent', containerPort: 8080 } as const;

/** Ready in the state that the mode asks for. */
export const agentReadiness: k8s.Probe = {
  httpGet: { path: '/readyz', port: k8s.IntOrString.fromString(agentPort.name) },
  periodSeconds: 5,
  timeoutSeconds: 2,
  failureThreshold: 2,
};

/** Alive while its event loop turns; slow to restart, because a node without an agent keeps its mirror. */
export const agentLiveness: k8s.Probe = {
  httpGet: { path: '/livez', port: k8s.IntOrString.fromString(agentPort.name) },
  periodSeconds: 20,
  timeoutSeconds: 5,
  failureThreshold: 6,
};
