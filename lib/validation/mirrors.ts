import type { Mirror } from '../cluster';
import { mirrorUrl } from '../mirror-url';
import { nameSlug } from '../names';
import type { Problem } from '../problem';
import { redactedUrl, registryHostProblems } from './upstream';
import { type KeysOf, unknownKeys } from './unknown-keys';

const mirrorKeys: KeysOf<Mirror> = { host: true, url: true };

/** Whether a text is an http or https URL without a login in it. */
function isMirrorUrl(text: string): boolean {
  const url = mirrorUrl(text);
  if (!URL.canParse(url)) return false;
  const { protocol, username, password, hash } = new URL(url);
  return (protocol === 'http:' || protocol === 'https:') && username + password + hash === '';
}

/** What is wrong with the mirrors that a cluster's nodes use. */
export function mirrorsProblems(mirrors: readonly Mirror[]): Problem[] {
  if (mirrors.length === 0) {
    return [
      {
        property: 'mirrors',
        problem: 'is empty',
        remedy: "name one: { host: 'docker.io', url: '10.0.0.5:5000' }",
      },
    ];
  }
  return mirrors.flatMap((mirror, index) => {
    const property = `mirrors[${index}]`;
    const first = mirrors.findIndex((other) => nameSlug(other.host) === nameSlug(mirror.host));
    return [
      ...unknownKeys(property, mirror, mirrorKeys),
      ...registryHostProblems(`${property}.host`, mirror.host),
      ...(first === index
        ? []
        : [
            {
              property: `${property}.host`,
              problem: `has a mirror in mirrors[${first}] already`,
              value: mirror.host,
              remedy: 'state each registry once',
            },
          ]),
      ...(isMirrorUrl(mirror.url)
        ? []
        : [
            {
              property: `${property}.url`,
              problem: 'is not the URL of a registry',
              value: redactedUrl(mirror.url),
              remedy: 'write it like 10.0.0.5:5000 or https://registry.example.com, a login as nodes.login',
            },
          ]),
    ];
  });
}
