import { k8s } from 'cdk8s-plus-27';
import { networkTarget, type NetworkTarget } from './network-target';
import { debugPort, registryPort } from './registry-ports';
import type { Upstream } from './upstream';

export interface CacheNetworkPolicyOptions {
  readonly selector: Readonly<Record<string, string>>;
  readonly monitoringNamespace: string;
  readonly upstream: Upstream;
  /** What the Pods connect to besides the upstream. */
  readonly targets: readonly NetworkTarget[];
}

/** Everything that a cache registry connects to, by port. */
export function cacheEgress({
  upstream,
  targets: others,
}: Pick<CacheNetworkPolicyOptions, 'upstream' | 'targets'>) {
  const targets = [
    networkTarget(upstream.url, 'the upstream'),
    { port: 443, purpose: "the upstream's token service" },
    ...(upstream.proxy === undefined ? [] : [networkTarget(upstream.proxy.httpsProxy, 'the HTTP proxy')]),
    ...others,
  ];
  return [...new Set(targets.map((target) => target.port))].sort((a, b) => a - b);
}

const tcp = (port: number | string): k8s.NetworkPolicyPort => ({
  protocol: 'TCP',
  port: typeof port === 'number' ? k8s.IntOrString.fromNumber(port) : k8s.IntOrString.fromString(port),
});

/**
 * Who may talk to a cache, and whom it may talk to. The registry port is open to everybody, because
 * behind a NodePort the source of a packet is a node's address, a tunnel's or a gateway's, as the
 * network plugin has it: https://kubernetes.io/docs/tutorials/services/source-ip/.
 */
export function cacheNetworkPolicy(options: CacheNetworkPolicyOptions): k8s.NetworkPolicySpec {
  return {
    podSelector: { matchLabels: { ...options.selector } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [
      { ports: [tcp(registryPort.name)] },
      {
        from: [
          {
            namespaceSelector: {
              matchLabels: { 'kubernetes.io/metadata.name': options.monitoringNamespace },
            },
          },
        ],
        ports: [tcp(debugPort.name)],
      },
    ],
    egress: [
      { ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, tcp(53)] },
      { ports: cacheEgress(options).map(tcp) },
    ],
  };
}
