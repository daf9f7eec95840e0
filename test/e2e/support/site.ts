/** The fixed names and addresses of the test's cluster: cluster data is written before the cluster is there. */
export const site = {
  node: 'node-1',
  /** This machine, on the cable to the node. */
  hostAddress: '10.213.77.1',
  nodeAddress: '10.213.77.2',
  prefix: 24,
  podNetwork: '10.214.0.0/16',
  serviceNetwork: '10.215.0.0/16',
  /** Ports of this machine that are open to the node. */
  ports: { hub: 5000, publicRegistry: 443, azurite: 10000 },
  images: {
    registry: 'images.test/registry:e2e',
    node: 'images.test/node:e2e',
    pause: 'images.test/pause:e2e',
  },
} as const;

/** This machine's end of the cable to the node, as a network interface. */
export const CABLE = 'dc-e2e-host';
