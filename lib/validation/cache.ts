import { durationSeconds } from '../duration';
import type { CacheService, ImageCacheOptions } from '../image-cache-options';
import { isDnsLabel } from '../names';
import { type Problem, problemsBelow } from '../problem';
import { resolveCache, type ResolvedCache } from '../resolved-cache';
import { nodePortProblems } from './node-ports';
import { secretProblems } from './secrets';
import { type KeysOf, missing, unknownKeys } from './unknown-keys';
import { upstreamsProblems } from './upstream';

const cacheKeys: KeysOf<Required<ImageCacheOptions>> = {
  storage: true,
  upstreams: true,
  access: true,
  frontTier: true,
  replicas: true,
  image: true,
  programImage: true,
  ttl: true,
  service: true,
  memoryLimitMiB: true,
  cpuRequestMillis: true,
  priorityClassName: true,
  logLevel: true,
  monitoringNamespace: true,
};

const logLevels = ['error', 'warn', 'info', 'debug'];

function ttlProblems({ ttl, replicas, storage }: ResolvedCache): Problem[] {
  const seconds = durationSeconds(ttl);
  if (seconds === undefined || (seconds > 0 && seconds < 60)) {
    return [
      {
        property: 'ttl',
        problem: 'must be 0s, or at least a minute, with its unit',
        value: ttl,
        remedy: 'write it like 720h; a number alone would be nanoseconds',
      },
    ];
  }
  if (seconds > 0 && storage.shared && replicas > 1) {
    return [
      {
        property: 'ttl',
        problem: `makes ${replicas} replicas overwrite one another's schedule, so that objects outlive it`,
        value: ttl,
        remedy: 'set it to 0s and let a lifecycle rule of the storage account drop old blobs',
      },
    ];
  }
  return [];
}

function wholeNumber(property: string, value: number, least: number, remedy: string): Problem[] {
  if (Number.isInteger(value) && value >= least) return [];
  return [{ property, problem: `must be a whole number of at least ${least}`, value, remedy }];
}

function serviceProblems(service: CacheService): Problem[] {
  const type: string = service.type;
  return type === 'NodePort' || type === 'LoadBalancer'
    ? []
    : [
        {
          property: 'service.type',
          problem: 'is not supported',
          value: type,
          remedy: 'use NodePort or LoadBalancer',
        },
      ];
}

function settingsProblems(cache: ResolvedCache): Problem[] {
  return [
    ...wholeNumber('replicas', cache.replicas, 1, 'state how many Pods serve each upstream'),
    ...wholeNumber('memoryLimitMiB', cache.memoryLimitMiB, 128, 'state mebibytes, like 2048'),
    ...wholeNumber('cpuRequestMillis', cache.cpuRequestMillis, 1, 'state thousandths of a core, like 100'),
    ...ttlProblems(cache),
    ...serviceProblems(cache.service),
    ...(logLevels.includes(cache.logLevel)
      ? []
      : [
          {
            property: 'logLevel',
            problem: 'is not a level of the registry',
            value: cache.logLevel,
            remedy: `use one of ${logLevels.join(', ')}`,
          },
        ]),
    ...(isDnsLabel(cache.monitoringNamespace)
      ? []
      : [
          {
            property: 'monitoringNamespace',
            problem: 'is not the name of a namespace',
            value: cache.monitoringNamespace,
            remedy: 'use lower-case letters, digits and dashes',
          },
        ]),
  ];
}

function accessProblems({ access, upstreams }: ResolvedCache): Problem[] {
  const type: string = access.type;
  if (type !== 'open' && type !== 'htpasswd') {
    return [
      {
        property: 'access.type',
        problem: 'is not supported',
        value: type,
        remedy: 'use Access.open or Access.htpasswd',
      },
    ];
  }
  if (access.type === 'htpasswd') {
    return [
      ...missing('access.users', access.users, "name the Secret: AuthSecret.htpasswd('cache-users')"),
      ...secretProblems('access.users', access.users, 'htpasswd'),
      ...missing(
        'access.tls',
        access.tls,
        "passwords would pass in clear text; name the certificate's Secret: AuthSecret.tls('cache-tls')",
      ),
      ...secretProblems('access.tls', access.tls, 'tls'),
    ];
  }
  if (access.exposesPrivateImages) return [];
  return upstreams.flatMap(({ host, credentials }, index) =>
    credentials === undefined
      ? []
      : [
          {
            property: `upstreams[${index}].credentials`,
            problem: `lets everybody who reaches a node's address pull the private images of ${host}`,
            value: credentials.name,
            remedy:
              'use Access.htpasswd, or say that it is meant with Access.open({ exposesPrivateImages: true })',
          },
        ],
  );
}

/** What is wrong with the cache of a cluster; properties are below `cache`. */
export function cacheProblems(options: ImageCacheOptions): Problem[] {
  const cache = resolveCache(options);
  const use = { replicas: cache.replicas, hosts: cache.upstreams.map(({ host }) => host) };
  return [
    ...unknownKeys('', options, cacheKeys),
    ...upstreamsProblems(cache.upstreams),
    ...nodePortProblems(options.upstreams ?? []),
    ...settingsProblems(cache),
    ...accessProblems(cache),
    ...problemsBelow('storage', cache.storage.problems(use)),
    ...problemsBelow('frontTier', cache.frontTier.problems()),
  ];
}
