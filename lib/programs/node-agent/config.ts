import * as z from 'zod/mini';
import { configProblems } from './config-problems';
import { configRules } from './config-rules';

/** A folder or file on the node, or in the agent's own container. */
const path = z.string().check(
  z.refine((value) => value.startsWith('/') && !value.split('/').includes('..'), {
    error: 'must be an absolute path without ".."',
  }),
);

const dockerRuntime = z.strictObject({
  type: z.literal('docker'),
  /** `classic`: daemon.json, SIGHUP and Docker Hub only; `containerd`: hosts.toml for every registry. */
  imageStore: z.enum(['classic', 'containerd']),
  /** @default /etc/docker/daemon.json */
  configFile: z.optional(path),
  /** @default /run/docker.sock */
  socket: z.optional(path),
  /** @default /run/docker.pid; where it is not to be seen, the only dockerd of the host is taken */
  pidFile: z.optional(path),
});

const containerdRuntime = z.strictObject({
  type: z.literal('containerd'),
  /** Read and never changed. @default /etc/containerd/config.toml */
  configFile: z.optional(path),
  /** Folder of the hosts.toml files. @default `config_path` of the configuration */
  certsDir: z.optional(path),
  /** Writes into the folder too that containerd ≥ 2.2 takes its default list for. @default false */
  colonFolder: z.optional(z.boolean()),
});

const k3sRuntime = z.strictObject({ type: z.enum(['k3s', 'rke2']) });
const crioRuntime = z.strictObject({ type: z.literal('crio') });

const runtime = z.discriminatedUnion('type', [dockerRuntime, containerdRuntime, k3sRuntime, crioRuntime]);

const endpoint = z.discriminatedUnion('type', [
  /** The cache's port on this node's own address, over http. */
  z.strictObject({ type: z.literal('nodePort'), port: z.int().check(z.gte(1), z.lte(65535)) }),
  /** The same URL on every node. */
  z.strictObject({ type: z.literal('url'), url: z.string() }),
]);

const login = z.strictObject({ usernameFile: path, passwordFile: path });

const mirror = z.strictObject({
  /** The registry that is mirrored, as image references name it: `docker.io`, `registry.example.com:5000`. */
  host: z.string(),
  /** Its public address, which the runtime falls back to: `https://registry-1.docker.io`. */
  server: z.string(),
  endpoint,
  /** Whether each answer must carry `Docker-Cache-Upstream: <host>`; another host's name is wrong either way. */
  upstreamHeader: z.enum(['required', 'optional']),
  /** Certificate authority of the mirror, a file of the agent's container. @default the ones of the node */
  caFile: z.optional(path),
  /** Login to the mirror, files of the agent's container. @default none */
  login: z.optional(login),
  /** Repository that shows whether the cache can still read its storage. @default none */
  probeImage: z.optional(
    z.string().check(z.regex(/^[a-z0-9][a-z0-9._/-]*$/, 'must be a repository like library/hello-world')),
  ),
});

const config = z.strictObject({
  /** Version of this format. */
  version: z.literal(1),
  mode: z.enum(['plan', 'apply', 'restore']),
  /** Name of the pool, the owner of this node's record. */
  pool: z
    .string()
    .check(z.regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'must be lower-case letters, digits and dashes')),
  /** Address of this node; the environment variable HOST_IP goes first. */
  hostIp: z.optional(z.string()),
  runtime,
  mirrors: z.array(mirror).check(z.minLength(1, 'must name a mirror')),
  /** URLs of older mirrors that are taken over, and not brought back by restore. @default none */
  replaces: z.optional(z.array(z.string())),
  /** Merges into files that somebody else wrote instead of refusing the node. @default false */
  mergeForeignFiles: z.optional(z.boolean()),
  /** Seconds between two questions to a mirror. @default 30 */
  probe: z.optional(z.strictObject({ interval: z.number().check(z.gte(1), z.lte(3600)) })),
  /** Folder of the record, on the node. @default /var/lib/docker-cache */
  stateDir: z.optional(path),
  /** Where /readyz, /livez, /metrics and /status are served. @default port 8080 of every address */
  listen: z.optional(
    z.strictObject({ address: z.optional(z.string()), port: z.int().check(z.gte(0), z.lte(65535)) }),
  ),
});

/** What the ConfigMap carries. */
export type AgentConfig = Readonly<z.infer<typeof config>>;
export type AgentMode = AgentConfig['mode'];
export type RuntimeConfig = AgentConfig['runtime'];
export type MirrorConfig = AgentConfig['mirrors'][number];

/** A configuration that is wrong: every problem of it, a line each. */
export class InvalidConfigError extends Error {
  override readonly name = 'InvalidConfigError';

  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/** Reads the agent's JSON configuration; HOST_IP of the environment is the node's address. */
export function parseAgentConfig(text: string, env: { readonly HOST_IP?: string | undefined }): AgentConfig {
  const parsed = config.safeParse(json(text), { reportInput: true });
  if (!parsed.success) throw new InvalidConfigError(configProblems(parsed.error.issues));
  const hostIp = env.HOST_IP ?? parsed.data.hostIp;
  const value = { ...parsed.data, ...(hostIp !== undefined && { hostIp }) };
  const problems = configRules(value);
  if (problems.length > 0) throw new InvalidConfigError(problems);
  return value;
}

/** Reads a runtime as a record holds it; undefined when this version does not know it. */
export function parseRuntime(value: unknown): RuntimeConfig | undefined {
  const parsed = runtime.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidConfigError([
      `the configuration is not JSON: ${error instanceof Error ? error.message : ''}`,
    ]);
  }
}
