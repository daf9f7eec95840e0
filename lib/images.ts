/** CNCF distribution, which is not pulled from a registry that clusters usually mirror. */
export const defaultRegistryImage = 'ghcr.io/distribution/distribution:3.1.2';

/** Node.js, for the node agent and the programs of init containers. */
export const defaultNodeImage = 'public.ecr.aws/docker/library/node:20-bookworm-slim';

/** The registry that an image reference names: `docker.io` when it names none. */
export function registryOfImage(image: string): string {
  const first = image.split('/')[0] ?? '';
  const named = image.includes('/') && (/[.:]/.test(first) || first === 'localhost');
  return named ? (first === 'index.docker.io' ? 'docker.io' : first) : 'docker.io';
}
