import { nameSlug } from '../names';
import { type Problem, problemsBelow } from '../problem';
import type { Upstream, UpstreamProxy } from '../upstream';
import { secretProblems } from './secrets';
import { type KeysOf, unknownKeys } from './unknown-keys';

const upstreamKeys: KeysOf<Required<Upstream>> = {
  host: true,
  server: true,
  url: true,
  nodePort: true,
  credentials: true,
  proxy: true,
  ca: true,
};

const hostPattern = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?$/;

/** Whether a text may name a registry in an image reference. */
export function isRegistryHost(host: string): boolean {
  return hostPattern.test(host);
}

/** A mirror or cache has one registry behind it: `_default` would serve its images under every other name. */
export function registryHostProblems(property: string, host: string): Problem[] {
  if (host === '_default') {
    return [
      {
        property,
        problem: "would answer for every registry with one registry's images",
        value: host,
        remedy: 'name the registry, like docker.io, and state further ones beside it',
      },
    ];
  }
  if (isRegistryHost(host)) return [];
  return [
    {
      property,
      problem: 'is not a registry as image references name it',
      value: host,
      remedy: 'write it like docker.io or registry.example.com:5000',
    },
  ];
}

/** Whether a text is an http or https URL of nothing but a host and a port. */
export function isBareUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, pathname, search, hash } = new URL(text);
  const rest = username + password + search + hash;
  return (protocol === 'http:' || protocol === 'https:') && rest === '' && pathname === '/';
}

/** A URL without the user and password that it may hold, for messages. */
export function redactedUrl(text: string): string {
  return text.replace(/\/\/[^/@]*@/, '//***@');
}

function urlProblems(property: string, url: string): Problem[] {
  if (isBareUrl(url)) return [];
  return [
    {
      property,
      problem: 'must be scheme, host and port alone',
      value: redactedUrl(url),
      remedy: 'write it like https://registry.example.com, and a login as credentials: AuthSecret.login(…)',
    },
  ];
}

function proxyProblems({ httpsProxy }: UpstreamProxy): Problem[] {
  if (isBareUrl(httpsProxy)) return [];
  return [
    {
      property: 'proxy.httpsProxy',
      problem:
        'must be scheme, host and port of an HTTP proxy, without a password that the manifest would show',
      value: redactedUrl(httpsProxy),
      remedy: 'write it like http://proxy.example.com:3128',
    },
  ];
}

/** What is wrong with one upstream. */
function upstreamProblems(upstream: Upstream): Problem[] {
  return [
    ...unknownKeys('', upstream, upstreamKeys),
    ...registryHostProblems('host', upstream.host),
    ...urlProblems('url', upstream.url),
    ...secretProblems('credentials', upstream.credentials, 'login'),
    ...secretProblems('ca', upstream.ca, 'ca'),
    ...(upstream.proxy === undefined ? [] : proxyProblems(upstream.proxy)),
  ];
}

/** What is wrong with the upstreams of a cache: each alone, and two of one name. */
export function upstreamsProblems(upstreams: readonly Upstream[]): Problem[] {
  if (upstreams.length === 0) {
    return [
      {
        property: 'upstreams',
        problem: 'is empty, so nothing would be cached',
        remedy: 'name a registry, or leave it out for Docker Hub',
      },
    ];
  }
  return upstreams.flatMap((upstream, index) => {
    const property = `upstreams[${index}]`;
    const slug = nameSlug(upstream.host);
    const first = upstreams.findIndex((other) => nameSlug(other.host) === slug);
    const twice: Problem[] =
      first === index
        ? []
        : [
            {
              property: `${property}.host`,
              problem: `has the same object names as upstreams[${first}]`,
              value: upstream.host,
              remedy: 'state each registry once',
            },
          ];
    return [...problemsBelow(property, upstreamProblems(upstream)), ...twice];
  });
}
