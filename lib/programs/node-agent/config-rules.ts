import { isIP } from 'node:net';
import type { AgentConfig, MirrorConfig } from './config';

/** What a configuration of the right shape may still have wrong, a line for each problem. */
export function configRules(config: AgentConfig): string[] {
  return [
    ...hostIpProblems(config),
    ...config.mirrors.flatMap((mirror, index) => mirrorProblems(config, mirror, `mirrors[${index}]`)),
    ...repeatedHosts(config),
    ...(config.replaces ?? []).flatMap((url, index) => urlProblems(url, `replaces[${index}]`)),
  ];
}

function hostIpProblems({ hostIp, mirrors }: AgentConfig): string[] {
  if (!mirrors.some(({ endpoint }) => endpoint.type === 'nodePort')) return [];
  if (hostIp === undefined) {
    return ['hostIp is missing; set HOST_IP to the address of this node, or give every endpoint a url'];
  }
  return isIP(hostIp) === 0 ? [`hostIp must be an IP address (was ${JSON.stringify(hostIp)})`] : [];
}

/** A registry's name as an image reference spells it. */
const registryHost = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/;

function mirrorProblems(config: AgentConfig, mirror: MirrorConfig, at: string): string[] {
  const { host, server, endpoint } = mirror;
  const url = endpoint.type === 'url' ? urlProblems(endpoint.url, `${at}.endpoint.url`) : [];
  return [
    ...(registryHost.test(host)
      ? []
      : [`${at}.host must be a registry like docker.io (was ${JSON.stringify(host)})`]),
    ...urlProblems(server, `${at}.server`),
    ...url,
    ...(url.length === 0 ? runtimeProblems(config, mirror, at) : []),
  ];
}

function runtimeProblems({ runtime }: AgentConfig, mirror: MirrorConfig, at: string): string[] {
  if (runtime.type === 'crio' && mirror.login !== undefined) {
    return [`${at}.login is not possible with CRI-O, which sends no header; remove it`];
  }
  if (runtime.type !== 'docker' || runtime.imageStore !== 'classic') return [];
  const { host, endpoint, login } = mirror;
  return [
    ...(host === 'docker.io'
      ? []
      : [
          `${at}.host must be docker.io with docker's classic image store, which mirrors nothing else (was "${host}")`,
        ]),
    ...(login === undefined
      ? []
      : [
          `${at}.login is not possible with docker's classic image store, which sends none to a mirror; remove it`,
        ]),
    ...(endpoint.type === 'url' && new URL(endpoint.url).pathname !== '/'
      ? [`${at}.endpoint.url must have no path with docker's classic image store (was "${endpoint.url}")`]
      : []),
  ];
}

function urlProblems(text: string, at: string): string[] {
  const was = `(was ${JSON.stringify(text.replace(/\/\/[^/@]*@/, '//[redacted]@'))})`;
  if (!URL.canParse(text)) return [`${at} must be a URL like http://10.0.0.5:5000 ${was}`];
  const url = new URL(text);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return [`${at} must begin with http:// or https:// ${was}`];
  if (url.username !== '' || url.password !== '')
    return [`${at} must hold no user or password; use login ${was}`];
  if (url.search !== '' || url.hash !== '') return [`${at} must have no query and no fragment ${was}`];
  // The text goes into files as it is: nothing that a parser would have repaired silently.
  return /^https?:\/\/[A-Za-z0-9.:[\]_/~-]+$/.test(text)
    ? []
    : [`${at} holds a character that no URL has ${was}`];
}

function repeatedHosts({ mirrors }: AgentConfig): string[] {
  return mirrors.flatMap(({ host }, index) =>
    mirrors.findIndex((other) => other.host === host) < index
      ? [`mirrors[${index}].host names ${host} a second time; remove one of the two`]
      : [],
  );
}
