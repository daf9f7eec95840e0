import type { OpenpaiSettings } from './config';
import type { KubeMaster } from './layout';

/** A runtime of nodes, as a person names it. */
export type PlannedRuntime = 'docker' | 'docker-containerd-store' | 'containerd' | 'k3s' | 'rke2' | 'crio';

/** What a cache for users with a password needs besides their file. */
export interface UserAccess {
  /** Host name that nodes ask, one of the certificate's. */
  readonly host: string;
  readonly tlsSecret: string;
  readonly caSecret: string;
  readonly loginSecret: string;
}

/** What a person says about the cluster besides OpenPAI's settings. */
export interface PlanOptions {
  readonly name: string;
  readonly runtime: PlannedRuntime;
  /** The node that keeps the images, on the filesystem backend. @default the layout's first master */
  readonly node?: string;
  /** The machine whose port OpenPAI's nodes ask. @default nothing is taken over */
  readonly master?: KubeMaster;
  /** @default 30500 */
  readonly nodePort?: number;
  readonly access: Partial<UserAccess>;
}

interface PlanBase {
  readonly name: string;
  readonly runtime: PlannedRuntime;
  /** URLs of OpenPAI's mirrors that nodes have. */
  readonly replaces: readonly string[];
}

/** A cluster with a cache, as data that can be printed. */
export interface CachePlan extends PlanBase {
  readonly storage:
    | { readonly type: 'azure'; readonly accountName: string; readonly container: string }
    | { readonly type: 'filesystem'; readonly node: string; readonly path: string };
  readonly remoteUrl: string;
  readonly nodePort?: number;
  readonly users?: UserAccess;
}

/** A cluster that uses a registry of others, as data that can be printed. */
export interface MirrorPlan extends PlanBase {
  readonly mirror: string;
}

export type ClusterPlan = CachePlan | MirrorPlan;

/** What is missing to make a cluster of the settings. */
export interface PlanGap {
  readonly kind: 'node' | 'access';
  /** Options of the command line. */
  readonly missing: readonly string[];
}

/** Names of the Secrets that hold the values of a `config.yaml`. */
export const importedSecrets = { accountKey: 'azure-storage', htpasswd: 'cache-users' } as const;

/** The port of OpenPAI's own cache. */
const openpaiPort = 30500;

/** The mirror that OpenPAI's playbook wrote into every node's daemon.json. */
export function openpaiMirror({ address }: KubeMaster): string {
  return `http://${address}:${openpaiPort}`;
}

const accessOptions = {
  host: '--host',
  tlsSecret: '--tls-secret',
  caSecret: '--ca-secret',
  loginSecret: '--login-secret',
} as const;

function userAccess(
  runtime: PlannedRuntime,
  { host, tlsSecret, caSecret, loginSecret }: Partial<UserAccess>,
): UserAccess | PlanGap {
  const store = runtime === 'docker' ? ['--image-store containerd (or --runtime containerd)'] : [];
  if (host !== undefined && tlsSecret !== undefined && caSecret !== undefined && loginSecret !== undefined) {
    return store.length === 0
      ? { host, tlsSecret, caSecret, loginSecret }
      : { kind: 'access', missing: store };
  }
  const given: Partial<UserAccess> = { host, tlsSecret, caSecret, loginSecret };
  const keys = ['host', 'tlsSecret', 'caSecret', 'loginSecret'] as const;
  const missing = keys.filter((key) => given[key] === undefined).map((key) => accessOptions[key]);
  return { kind: 'access', missing: [...missing, ...store] };
}

function planStorage(
  { storage }: OpenpaiSettings,
  { node, master }: PlanOptions,
): CachePlan['storage'] | PlanGap {
  if (storage.type === 'azure') return storage;
  const keeper = node ?? master?.hostname;
  return keeper === undefined
    ? { kind: 'node', missing: ['--layout', '--node'] }
    : { type: 'filesystem', node: keeper, path: storage.path };
}

/** A cluster of OpenPAI's settings, or everything that is missing for one. */
export function planCluster(
  settings: OpenpaiSettings,
  options: PlanOptions,
): CachePlan | { readonly gaps: readonly PlanGap[] } {
  const { name, runtime, nodePort, master } = options;
  const storage = planStorage(settings, options);
  const users = settings.withUsers ? userAccess(runtime, options.access) : undefined;
  const gaps = [storage, users].filter((part) => part !== undefined && 'missing' in part);
  if ('missing' in storage || (users !== undefined && 'missing' in users)) return { gaps };
  return {
    name,
    runtime,
    replaces: master === undefined ? [] : [openpaiMirror(master)],
    storage,
    remoteUrl: settings.remoteUrl,
    nodePort,
    users,
  };
}
