import { dockerHubHost, publicServer } from '../upstream';
import { isBareUrl } from '../validation/upstream';
import type { Fault } from './setting-problem';

/** Docker Hub itself, and mirrors of it that are known. */
const hubHosts = ['registry-1.docker.io', 'index.docker.io', 'registry.hub.docker.com', 'mirror.gcr.io'];

/** Web sites that people take for the registry. */
const hubSites = ['docker.io', 'www.docker.io', 'hub.docker.com', 'docker.com', 'www.docker.com'];

/** What is wrong with the URL that images are downloaded from. */
export function remoteUrlFault(url: string): Fault | undefined {
  const server = publicServer(dockerHubHost);
  if (url === '') return { problem: 'is empty', remedy: `remove the line for ${server}` };
  if (!isBareUrl(url)) {
    return {
      problem: 'is not scheme, host and port alone',
      remedy: `write it like ${server}; a login goes into a Secret`,
    };
  }
  if (!hubSites.includes(new URL(url).hostname)) return undefined;
  return { problem: "is a web site, not Docker Hub's registry", remedy: `write ${server}` };
}

/** The URL without the slash at its end. */
export function remoteUrlOf(text: string): string {
  return new URL(text).origin;
}

/** What docker's `registry-mirrors`, which stand for Docker Hub, make of another registry. */
export function remoteUrlWarning(url: string): Fault | undefined {
  if (hubHosts.includes(new URL(url).hostname)) return undefined;
  return {
    problem:
      'must be a mirror of Docker Hub: nodes would get what is there under the names of Docker Hub, and ask for nothing else',
    remedy:
      'for another registry keep Docker Hub here, and name that one in the cluster file: Upstream.registry({ host: … })',
  };
}
