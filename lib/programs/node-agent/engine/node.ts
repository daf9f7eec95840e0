import type { HostDisk } from '../disk/host-disk';
import { sha256, type NodeRecord, type RecordedFile } from '../disk/record';
import type { RecordStore } from '../disk/record-store';
import { withdrawals } from '../edits/withdrawals';
import type { ResolvedMirror } from '../mirror';
import { Refusal } from '../refusal';
import { DaemonSilence, type Detection, type MirrorFiles, type Runtime } from '../runtimes/runtime';
import { NodeFiles, type FileChange } from './node-files';

/** What became of a mirror on the node. */
export type Outcome =
  | { readonly state: 'notApplicable'; readonly reason: string }
  | { readonly state: 'applied'; readonly written: readonly string[]; readonly unverified?: string };

/** The node that is changed: its files, its record and its runtime, one operation after the other. */
export class Node {
  private readonly files: NodeFiles;
  private last: Promise<unknown> = Promise.resolve();
  /** Files that the runtime did not take up as they would have been, and why: not tried again and again. */
  private readonly rejected = new Map<string, { readonly input: string; readonly refusal: Refusal }>();
  /** Mirrors that the runtime was seen to use since this agent began. */
  private readonly seen = new Set<string>();

  constructor(
    disk: HostDisk,
    private readonly store: RecordStore,
    private readonly runtime: Runtime,
  ) {
    this.files = new NodeFiles(disk, store, runtime.reload !== undefined);
  }

  /** Looks at the node and changes nothing. */
  detect(mirrors: readonly ResolvedMirror[]): Promise<Detection> {
    return this.inTurn(() => this.runtime.detect(mirrors));
  }

  /** What a mirror would change in the node's files. */
  changes(files: MirrorFiles): FileChange[] {
    return this.files.changes(files, this.store.load());
  }

  /** Paths of the files that hold an entry of ours, by the record. */
  recorded(host: string): string[] {
    return entriesOf(this.store.load(), host).map(({ path }) => path);
  }

  /** Makes the node use a mirror. */
  apply(mirror: ResolvedMirror): Promise<Outcome> {
    return this.inTurn(async () => {
      const detection = await this.runtime.detect([mirror]);
      if (detection.state === 'notApplicable') return detection;
      const files = detection.mirrors.find(({ host }) => host === mirror.host);
      if (files === undefined) throw new Error(`the runtime said nothing of ${mirror.host}`);
      if ('refusal' in files) throw files.refusal;
      const written = await this.applyFiles(files, mirror.url);
      const { unverified } = files;
      return { state: 'applied', written, ...(unverified !== undefined && { unverified }) };
    });
  }

  /** Makes the node stop using a mirror; whether there was anything to do. */
  withdraw(host: string): Promise<boolean> {
    return this.inTurn(() => this.withdrawHost(host));
  }

  /** Brings the node back to what it was, and forgets it. */
  restore(mirrors: readonly ResolvedMirror[]): Promise<boolean> {
    return this.inTurn(async () => {
      await this.adoptLost(mirrors);
      const hosts = [...new Set(this.store.load().files.map(({ host }) => host))];
      for (const host of hosts) await this.withdrawHost(host);
      this.store.remove();
      return hosts.length > 0;
    });
  }

  /** Withdraws mirrors that the configuration no longer has. */
  withdrawOthers(hosts: readonly string[]): Promise<void> {
    return this.inTurn(async () => {
      const recorded = new Set(this.store.load().files.map(({ host }) => host));
      for (const host of recorded) if (!hosts.includes(host)) await this.withdrawHost(host);
    });
  }

  /** Shows other pools that this node has an agent. */
  keepAlive(): Promise<void> {
    return this.inTurn(() => {
      this.store.keepAlive();
      return Promise.resolve();
    });
  }

  private async applyFiles(files: MirrorFiles, url: string): Promise<readonly string[]> {
    const { host } = files;
    const input = this.inputOf(files);
    const rejected = this.rejected.get(host);
    if (rejected !== undefined && rejected.input === input) throw rejected.refusal;
    const written = this.files.apply(files);
    const left = entriesOf(this.store.load(), host).filter((entry) =>
      files.files.every(({ path }) => path !== entry.path),
    );
    written.push(...this.files.withdraw(left));
    try {
      await this.reloadPresent(host, url);
    } catch (error) {
      if (!(error instanceof Refusal) || error instanceof DaemonSilence) throw error;
      await this.rollBack(host);
      this.rejected.set(host, { input, refusal: error });
      throw error;
    }
    return written;
  }

  private async reloadPresent(host: string, url: string): Promise<void> {
    const { pending } = this.store.load();
    if (this.runtime.reload === undefined || (!pending && this.seen.has(host))) return;
    await this.runtime.reload({ urls: [url], want: 'present', pending });
    this.seen.add(host);
    this.settle();
  }

  /** The files must be as they were in any case: a runtime that does not listen reads them at its next start. */
  private async rollBack(host: string): Promise<void> {
    try {
      await this.withdrawHost(host);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.files.withdraw(entriesOf(this.store.load(), host));
    }
  }

  private async withdrawHost(host: string): Promise<boolean> {
    const entries = entriesOf(this.store.load(), host);
    this.seen.delete(host);
    const urls = entries.flatMap(({ own }) => own);
    const mustClear = entries.some(({ kind }) => withdrawals[kind].clearing !== undefined);
    const cleared = this.files.clear(entries);
    if (mustClear) await this.runtime.reload?.({ urls, want: 'absent', pending: true });
    const written = this.files.withdraw(entries);
    const { pending } = this.store.load();
    if (!mustClear && pending) await this.runtime.reload?.({ urls, want: 'absent', pending });
    this.settle();
    return cleared.length + written.length > 0;
  }

  /** The runtime has read what was written. */
  private settle(): void {
    const record = this.store.load();
    if (record.pending) this.store.save({ ...record, pending: false });
  }

  private async adoptLost(mirrors: readonly ResolvedMirror[]): Promise<void> {
    const detection = await this.runtime.detect(mirrors).catch((error: unknown) => {
      if (error instanceof Refusal) return undefined;
      throw error;
    });
    if (detection?.state !== 'ready') return;
    for (const files of detection.mirrors) if ('files' in files) this.files.adoptAll(files);
  }

  /** Identifies what a mirror's files were before they were changed. */
  private inputOf(files: MirrorFiles): string {
    const changes = this.files.changes(files, this.store.load());
    return changes
      .map(({ file, current }) => `${file.path} ${current ? sha256(current.bytes) : ''}`)
      .join('\n');
  }

  private inTurn<T>(operation: () => Promise<T>): Promise<T> {
    const result = this.last.then(operation);
    this.last = result.catch(() => undefined);
    return result;
  }
}

/** The record's files of a mirror in the order in which they may go: an authority after what names it. */
function entriesOf({ files }: NodeRecord, host: string): RecordedFile[] {
  const own = files.filter((file) => file.host === host);
  return [...own.filter(({ kind }) => kind !== 'ca'), ...own.filter(({ kind }) => kind === 'ca')];
}
