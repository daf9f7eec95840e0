import type { CachePlan } from './cluster-plan';
import type { SettingKey } from './setting-names';

/** Something that OpenPAI's own docker-cache gets wrong, and what stands against it here. */
export interface Shortcoming {
  /** What happens there. */
  readonly there: string;
  /** What happens here. */
  readonly here: string;
}

/** The names that a file has for OpenPAI's settings. */
export type UsedNames = Readonly<Partial<Record<SettingKey, string>>>;

const always: readonly Shortcoming[] = [
  {
    there:
      'the playbook, run as its guide says, changes no node: the flag that enables it is no longer passed on',
    here: 'every node of the pool has an agent, new nodes too',
  },
  {
    there:
      'docker is restarted on every node, before the cache exists, and nothing ever removes the mirror again',
    here: 'dockerd reads its file again without a restart, a cache that fails is withdrawn, restore puts a node back',
  },
  {
    there: 'the second run overwrites the backup daemon.json.bk, and the original is lost',
    here: "each node keeps a record of its first state, and only the cache's own entry is ever changed",
  },
  {
    there: 'images that are kept for longer than 7 days end in "unexpected EOF" (distribution#2367)',
    here: 'nothing expires unless a ttl is stated',
  },
  {
    there: 'a changed setting takes a stop and a start, an outage for every node',
    here: 'a changed setting rolls the Pods',
  },
];

function ofStorage({ storage }: CachePlan, { accountName, accountKey }: UsedNames): readonly Shortcoming[] {
  if (storage.type === 'filesystem') {
    return [
      {
        there: `nothing is mounted at ${storage.path}: the images are gone with the Pod`,
        here: `they are in ${storage.path} of the node ${storage.node}`,
      },
    ];
  }
  const unread = [accountName, accountKey].filter((name) => name?.startsWith('docker_azure_') === true);
  return [
    ...(unread.length === 0
      ? []
      : [
          {
            there: `${unread.join(' and ')}: nothing reads the spelling of the guide's list, so it stays empty`,
            here: 'both spellings are read',
          },
        ]),
    {
      there: "the account's key stands in clear in a ConfigMap of the namespace default",
      here: 'it is in a Secret; take a new key after the move: az storage account keys renew',
    },
  ];
}

function ofUsers({ users }: CachePlan, { htpasswd }: UsedNames): readonly Shortcoming[] {
  if (users === undefined) return [];
  return [
    ...(htpasswd === 'docker_cache_htpasswd'
      ? [
          {
            there:
              'docker_cache_htpasswd is read by nothing (the template reads docker_cache_registry_htpasswd): the cache is open to everybody',
            here: 'both names are read',
          },
        ]
      : []),
    {
      there:
        'a login cannot work there: dockerd sends none to a mirror (moby#30880), is answered 401 and goes to Docker Hub',
      here: `nodes log in at https://${users.host}, with a login that their runtime sends`,
    },
  ];
}

/** What OpenPAI's own deployment gets wrong with these settings. */
export function shortcomings(plan: CachePlan, names: UsedNames): readonly Shortcoming[] {
  return [...ofStorage(plan, names), ...ofUsers(plan, names), ...always];
}
