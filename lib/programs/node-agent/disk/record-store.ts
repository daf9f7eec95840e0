import { posix } from 'node:path';
import type { RuntimeConfig } from '../config';
import { Refusal } from '../refusal';
import { onDisk } from './disk-refusal';
import type { HostDisk } from './host-disk';
import { parseRecord, recordVersion, type NodeRecord } from './record';

/** How long a record stays its pool's after the last sign of life of its agent, in milliseconds. */
export const ownedForMs = 120_000;

export interface RecordOwner {
  readonly pool: string;
  readonly runtime: RuntimeConfig;
}

/** The record of one node on its disk, in a folder that only root may read. */
export class RecordStore {
  private readonly path: string;

  constructor(
    private readonly disk: HostDisk,
    private readonly folder: string,
    private readonly owner: RecordOwner,
    private readonly now: () => number,
  ) {
    this.path = posix.join(folder, 'record.json');
  }

  /** The record; an empty one where there is none. Refused while it is another pool's or another runtime's. */
  load(): NodeRecord {
    const { pool, runtime } = this.owner;
    const record = this.stored();
    if (record === undefined) return { version: recordVersion, pool, runtime, pending: false, files: [] };
    if (record.pool !== pool) this.checkAbandoned(record.pool);
    if (record.files.length > 0 && !sameRuntime(record.runtime, runtime)) throw otherRuntime(record);
    return { ...record, pool, runtime };
  }

  get exists(): boolean {
    return this.disk.exists(this.path);
  }

  /** Writes the record durably. */
  save(record: NodeRecord): void {
    for (const folder of [...this.disk.missingFolders(this.path)]) this.disk.makeFolder(folder, 0o755);
    const { real, stat } = this.disk.find(this.folder);
    // The kubelet makes folders that everybody may read.
    if (stat !== undefined && stat.mode !== 0o700) {
      onDisk('close', this.folder, () => {
        this.disk.fs.chmod(real, 0o700);
      });
    }
    this.disk.checkOwner(this.path);
    const bytes = Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`);
    this.disk.write(this.path, { bytes, mode: 0o600 }, this.disk.read(this.path)?.bytes);
    this.touch();
  }

  /** Shows other pools that this node has an agent; takes over the record of a pool whose agent is gone. */
  keepAlive(): void {
    if (!this.exists) return;
    const record = this.load();
    if (this.stored()?.pool === record.pool) this.touch();
    else this.save(record);
  }

  private touch(): void {
    const { real, stat } = this.disk.find(this.path);
    if (stat === undefined) return;
    onDisk('refresh', this.path, () => {
      this.disk.fs.touch(real, this.now());
    });
  }

  /** Removes the record and its folder: nothing of ours is left on the node. */
  remove(): void {
    this.disk.tidy(this.path);
    const file = this.disk.read(this.path);
    if (file !== undefined) this.disk.remove(this.path, file.bytes);
    this.disk.removeFolder(this.folder);
  }

  private stored(): NodeRecord | undefined {
    const text = this.disk.readText(this.path);
    return text === undefined ? undefined : parseRecord(text, this.path);
  }

  private checkAbandoned(pool: string): void {
    const seen = this.disk.find(this.path).stat?.mtimeMs ?? 0;
    if (this.now() - seen >= ownedForMs) return;
    throw new Refusal(`the agent of pool "${pool}" works on this node`, [
      `delete the DaemonSet of pool "${pool}", or change the selectors so that each node is in one pool`,
    ]);
  }
}

/** Whether two runtimes keep their mirrors in the same files. */
function sameRuntime(one: RuntimeConfig, other: RuntimeConfig): boolean {
  if (one.type !== other.type) return false;
  return one.type !== 'docker' || other.type !== 'docker' || one.imageStore === other.imageStore;
}

function otherRuntime({ runtime }: NodeRecord): Refusal {
  const name = runtime.type === 'docker' ? `docker with the ${runtime.imageStore} image store` : runtime.type;
  return new Refusal(`this node was changed for ${name}, and is now configured for another runtime`, [
    `run mode "restore" with ${name} first`,
  ]);
}
