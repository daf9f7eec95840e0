import { Size } from 'cdk8s';
import { FrontTier, type ImageCacheOptions, NodeRuntime, type NodesOptions, Upstream } from '../../../lib';
import { site } from '../support/site';

const { hostAddress, images, ports } = site;

/** Docker Hub as it is here. */
export const hubHere = Upstream.dockerHub({ url: `http://${hostAddress}:${ports.hub}` });

/** What every example needs to run here: images that were loaded on the node, and the Docker Hub of the test. */
export function cacheHere(cache: ImageCacheOptions): ImageCacheOptions {
  return {
    ...cache,
    // The store is allocated whole, and the disk is shared.
    frontTier: FrontTier.varnish({ image: images.varnish, storeSize: Size.gibibytes(1) }),
    image: images.registry,
    programImage: images.node,
    upstreams: [hubHere],
  };
}

/** The example's nodes, which have containerd here, asked every second. */
export function nodesHere(nodes: NodesOptions): NodesOptions {
  return {
    ...nodes,
    image: images.node,
    probe: { interval: '1s' },
    pools: nodes.pools.map((pool) => ({ ...pool, runtime: NodeRuntime.containerd() })),
  };
}
