import type { Cluster } from '../cluster';
import { defaultNodeImage, registryOfImage } from '../images';
import type { Problem } from '../problem';
import { resolveCache } from '../resolved-cache';

/** An image reference with a tag or a digest, so that a restart never brings another program. */
function isPinned(image: string): boolean {
  return (
    /^[^\s@]+(:[\w][\w.-]{0,127})(@sha256:[0-9a-f]{64})?$|^[^\s@]+@sha256:[0-9a-f]{64}$/.test(image) &&
    !/:latest(@|$)/.test(image)
  );
}

/** The cache and the agent must start while the cache is down, so their images never come through it. */
export function ownImagesProblems(cluster: Cluster): Problem[] {
  const cache = cluster.cache === undefined ? undefined : resolveCache(cluster.cache);
  const served = new Set((cache?.upstreams ?? cluster.mirrors ?? []).map(({ host }) => host));
  const images = [
    ...(cache === undefined
      ? []
      : [
          { property: 'cache.image', image: cache.image },
          { property: 'cache.programImage', image: cache.programImage },
          ...cache.frontTier.images.map((image) => ({ property: 'cache.frontTier.image', image })),
        ]),
    ...(cluster.nodes === undefined
      ? []
      : [{ property: 'nodes.image', image: cluster.nodes.image ?? defaultNodeImage }]),
  ];
  return images.flatMap(({ property, image }): Problem[] => {
    if (!isPinned(image)) {
      return [
        {
          property,
          problem: 'does not say which version it is',
          value: image,
          remedy: 'add a tag other than latest, or a digest',
        },
      ];
    }
    const registry = registryOfImage(image);
    if (!served.has(registry)) return [];
    return [
      {
        property,
        problem: `comes from ${registry}, which this cluster pulls through the cache: it could not start while the cache is down`,
        value: image,
        remedy: 'name a copy of the image in a registry that this cluster does not mirror',
      },
    ];
  });
}
