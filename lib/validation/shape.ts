import * as z from 'zod/mini';
import type { Problem } from '../problem';

type Issue = z.core.$ZodIssue;

function propertyOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}

function expectation(issue: Issue): string {
  if (issue.code === 'invalid_type') return `a value of type ${issue.expected}`;
  if (issue.code === 'invalid_value') return issue.values.map(String).join(' or ');
  return issue.message === 'Invalid input' ? 'what its type says' : issue.message;
}

function problemOf(issue: Issue): Problem {
  const property = propertyOf(issue.path);
  const remedy = `write ${expectation(issue)}`;
  return issue.input === undefined
    ? { property, problem: 'is missing', remedy }
    : { property, problem: 'is of the wrong type', value: typeName(issue.input), remedy };
}

/** The type alone: a value of the wrong type may be a secret that was pasted into the wrong place. */
function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/**
 * What has another type than its interface says. A cluster file is not type-checked when it is
 * synthesized, so everything behind this may trust the types, and nothing before it may.
 */
export function shapeProblems(schema: z.ZodMiniType, value: unknown): Problem[] {
  const parsed = schema.safeParse(value, { reportInput: true });
  return parsed.success ? [] : parsed.error.issues.map(problemOf);
}

const text = z.optional(z.string());
const number = z.optional(z.number());
const flag = z.optional(z.boolean());
const texts = z.optional(z.record(z.string(), z.string()));

/** A reference to a Secret, whatever its kind. */
export const secretShape = z.object({
  kind: z.string(),
  name: z.string(),
  keys: z.record(z.string(), z.string()),
});
const secret = z.optional(secretShape);

/** An object with the methods of a strategy: only factories make one. */
function strategy(factories: string) {
  return z.custom<object>(
    (value: unknown) =>
      typeof value === 'object' &&
      value !== null &&
      'problems' in value &&
      'bind' in value &&
      typeof value.problems === 'function' &&
      typeof value.bind === 'function',
    `one of ${factories}`,
  );
}

const upstream = z.object({
  host: z.string(),
  server: z.string(),
  url: z.string(),
  nodePort: number,
  credentials: secret,
  proxy: z.optional(z.object({ httpsProxy: z.string(), noProxy: z.optional(z.array(z.string())) })),
  ca: secret,
});

const access = z.object({
  type: z.string(),
  exposesPrivateImages: flag,
  users: secret,
  tls: secret,
});

const cache = z.object({
  storage: strategy('StorageBackend.hostPath, .azureBlob and .persistentVolumeClaim'),
  upstreams: z.optional(z.array(upstream)),
  access: z.optional(access),
  frontTier: z.optional(strategy('the factories of FrontTier')),
  replicas: number,
  image: text,
  programImage: text,
  ttl: text,
  service: z.optional(z.object({ type: z.string(), annotations: texts })),
  memoryLimitMiB: number,
  cpuRequestMillis: number,
  priorityClassName: text,
  logLevel: text,
  monitoringNamespace: text,
});

const runtime = z.object({
  type: z.string(),
  imageStore: text,
  configFile: text,
  certsDir: text,
  colonFolder: flag,
});

const pool = z.object({
  name: text,
  runtime,
  selector: texts,
  canary: texts,
  replaces: z.optional(z.array(z.string())),
  mergeForeignFiles: flag,
});

const nodes = z.object({
  mode: text,
  endpoint: z.optional(z.object({ type: z.string(), host: text })),
  ca: secret,
  login: secret,
  pools: z.array(pool),
  probe: z.optional(z.object({ interval: text, images: texts })),
  image: text,
  maxUnavailable: z.optional(z.union([z.number(), z.string()])),
});

/** The types of a cluster's data, all but the names of its options. */
export const clusterShape = z.object({
  name: z.string(),
  namespaces: z.optional(z.object({ cache: text, nodes: text })),
  cache: z.optional(cache),
  mirrors: z.optional(z.array(z.object({ host: z.string(), url: z.string() }))),
  nodes: z.optional(nodes),
});
