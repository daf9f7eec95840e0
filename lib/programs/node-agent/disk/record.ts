import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { parseRuntime, type RuntimeConfig } from '../config';
import { Refusal } from '../refusal';

/** Version of the record's format that this agent writes. */
export const recordVersion = 1;

const recordedFile = z.readonly(
  z.strictObject({
    /** Path on the node. */
    path: z.string(),
    /** Registry host of the mirror that the file belongs to. */
    host: z.string(),
    kind: z.enum(['hosts-toml', 'daemon-json', 'registries-conf', 'ca']),
    /** What is ours in the file. */
    own: z.array(z.string()),
    /** Mirrors of others that were taken over, and that are not brought back. */
    replaced: z.array(z.string()),
    /** The file as it was found; null where there was none. */
    original: z.nullable(z.strictObject({ base64: z.string(), mode: z.int() })),
    /** Folders that did not exist, outermost first. */
    folders: z.array(z.string()),
    /** SHA-256 of contents that came from the original by our edits alone; restore puts the original back for them. */
    written: z.array(z.string()),
  }),
);

const record = z.readonly(
  z.strictObject({
    version: z.literal(recordVersion),
    pool: z.string(),
    runtime: z.custom<RuntimeConfig>((value) => parseRuntime(value) !== undefined),
    /** A file changed, and the runtime is not yet known to have read it. */
    pending: z.boolean(),
    files: z.array(recordedFile),
  }),
);

/** What the agent found on a node and changed there: written before the first change. */
export type NodeRecord = z.infer<typeof record>;
export type RecordedFile = z.infer<typeof recordedFile>;

/** Reads a record; one of a newer agent, or one that is damaged, is refused and left alone. */
export function parseRecord(text: string, path: string): NodeRecord {
  const value = json(text, path);
  const version = z.object({ version: z.int() }).safeParse(value);
  if (version.success && version.data.version > recordVersion) {
    throw new Refusal(
      `${path} has version ${version.data.version}, which is newer than this agent's ${recordVersion}`,
      ['use the agent that wrote it, or a newer one'],
    );
  }
  const parsed = record.safeParse(value);
  if (!parsed.success) throw damaged(path);
  return parsed.data;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** The original bytes of a recorded file; undefined where there was no file. */
export function originalBytes({ original }: RecordedFile): Buffer | undefined {
  return original === null ? undefined : Buffer.from(original.base64, 'base64');
}

function json(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw damaged(path);
  }
}

function damaged(path: string): Refusal {
  return new Refusal(`${path} is damaged, so what this node looked like is not known`, [
    `look at the node's files, take out what is marked "docker-cache", then remove ${path}`,
  ]);
}
