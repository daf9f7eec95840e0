/**
 * Which of the places for a cluster this process has: tests that run side by side have a place each. It is known before
 * the cluster is there, because cluster data holds its addresses.
 */
const place = Number(process.env['E2E_PLACE'] ?? process.env['JEST_WORKER_ID'] ?? '1');

/** The names and addresses of the test's cluster. */
export const site = {
  place,
  node: 'node-1',
  /** This machine's end of the cable to the node, as a network interface. */
  cable: `dc-e2e-${place}`,
  /** This machine, on the cable to the node. */
  hostAddress: `10.213.${place}.1`,
  nodeAddress: `10.213.${place}.2`,
  prefix: 24,
  podNetwork: '10.214.0.0/16',
  serviceNetwork: '10.215.0.0/16',
  /** Ports of this machine that are open to the node. */
  ports: { hub: 5000, publicRegistry: 443, azurite: 10000 },
  images: {
    registry: 'images.test/registry:e2e',
    node: 'images.test/node:e2e',
    varnish: 'images.test/varnish:e2e',
    pause: 'images.test/pause:e2e',
  },
} as const;
