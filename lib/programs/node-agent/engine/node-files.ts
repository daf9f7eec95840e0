import { textOf, type HostDisk, type HostFile } from '../disk/host-disk';
import { originalBytes, sha256, type NodeRecord, type RecordedFile } from '../disk/record';
import type { RecordStore } from '../disk/record-store';
import { withdrawals } from '../edits/withdrawals';
import { Refusal } from '../refusal';
import type { ManagedFile, MirrorFiles } from '../runtimes/runtime';

/** What a file is, and what it would be. */
export interface FileChange {
  readonly file: ManagedFile;
  readonly current: HostFile | undefined;
  readonly next: HostFile;
}

/** Puts entries into the node's files and takes them out again, each step recorded before it is done. */
export class NodeFiles {
  constructor(
    private readonly disk: HostDisk,
    private readonly store: RecordStore,
    /** Whether a runtime has to be told of a change. */
    private readonly reloads: boolean,
  ) {}

  /** What would be written; a file that is as it should be is left out. */
  changes(files: MirrorFiles, record: NodeRecord): FileChange[] {
    return files.files.flatMap((file) => {
      const change = this.change(file, record);
      return change === undefined ? [] : [change];
    });
  }

  /** Writes what differs; the paths that were written. */
  apply(files: MirrorFiles): string[] {
    // All edits are tried before the first write: a refusal leaves every file of the mirror alone.
    this.changes(files, this.store.load());
    return files.files.filter((file) => this.applyFile(files.host, file)).map(({ path }) => path);
  }

  /** Records files that are ours though no record says so, so that they can be withdrawn. */
  adoptAll({ host, files }: MirrorFiles): void {
    for (const file of files) {
      const record = this.store.load();
      this.adopt(this.entryOf(host, file, record), record);
    }
  }

  /** Loads texts that a runtime needs to see before its entry goes; the paths that were written. */
  clear(entries: readonly RecordedFile[]): string[] {
    return entries.filter((entry) => this.clearFile(entry)).map(({ path }) => path);
  }

  /** Brings files back, removes folders that were made for them and forgets them; the paths that were written. */
  withdraw(entries: readonly RecordedFile[]): string[] {
    return entries.filter((entry) => this.withdrawFile(entry)).map(({ path }) => path);
  }

  private change(file: ManagedFile, record: NodeRecord): FileChange | undefined {
    const current = this.disk.read(file.path);
    const entry = record.files.find(({ path }) => path === file.path);
    const previous = entry?.own ?? [];
    const text = current && textOf(current.bytes, file.path);
    const after = file.edit.apply(text, previous);
    if (file.edit.apply(after, previous) !== after) {
      throw new Refusal(`${file.path} cannot be changed in a way that lasts`, [`rewrite ${file.path}`]);
    }
    const mode = current === undefined || file.secret ? file.mode : current.mode;
    const bytes = Buffer.from(after);
    if (current?.mode === mode && current.bytes.equals(bytes)) return undefined;
    this.disk.checkOwner(file.path);
    return { file, current, next: { bytes, mode } };
  }

  private applyFile(host: string, file: ManagedFile): boolean {
    const record = this.store.load();
    const change = this.change(file, record);
    const entry = this.entryOf(host, file, record);
    if (change === undefined) {
      this.adopt(entry, record);
      return false;
    }
    const { current, next } = change;
    const written = continues(entry, current?.bytes) ? hashes(current?.bytes, next.bytes) : [];
    const own = union(entry.own, file.edit.own);
    this.saveEntry(record, { ...entry, own, replaced: union(entry.replaced, file.edit.replaced), written });
    for (const folder of entry.folders) this.disk.makeFolder(folder, 0o755);
    this.disk.write(file.path, next, current?.bytes);
    return true;
  }

  /** Records a file that is as it should be by our hand, though no record says so: its record was lost. */
  private adopt(entry: RecordedFile, record: NodeRecord): void {
    if (record.files.some(({ path }) => path === entry.path)) return;
    const found = originalBytes(entry);
    if (found !== undefined && restored(entry)?.bytes.equals(found) !== true) this.saveEntry(record, entry);
  }

  private entryOf(host: string, { path, edit }: ManagedFile, { files }: NodeRecord): RecordedFile {
    const known = files.find((file) => file.path === path);
    if (known !== undefined) return known;
    const found = this.disk.read(path);
    return {
      path,
      host,
      kind: edit.kind,
      own: [...edit.own],
      replaced: [...edit.replaced],
      original: found === undefined ? null : { base64: found.bytes.toString('base64'), mode: found.mode },
      folders: this.disk.missingFolders(path),
      written: [],
    };
  }

  private clearFile(entry: RecordedFile): boolean {
    const clearing = withdrawals[entry.kind].clearing;
    if (clearing === undefined) return false;
    const current = this.disk.read(entry.path);
    const bytes = Buffer.from(clearing(current && textOf(current.bytes, entry.path), entry));
    if (current?.bytes.equals(bytes) === true) return false;
    this.disk.checkOwner(entry.path);
    const written = continues(entry, current?.bytes) ? hashes(current?.bytes, bytes) : [];
    this.saveEntry(this.store.load(), { ...entry, written });
    for (const folder of entry.folders) this.disk.makeFolder(folder, 0o755);
    this.disk.write(entry.path, { bytes, mode: current?.mode ?? 0o644 }, current?.bytes);
    return true;
  }

  private withdrawFile({ path }: RecordedFile): boolean {
    const record = this.store.load();
    const entry = record.files.find((file) => file.path === path);
    if (entry === undefined) return false;
    const current = this.disk.read(path);
    const next = withdrawn(entry, current);
    const changed = !sameFile(current, next);
    if (changed) {
      this.disk.checkOwner(path);
      this.savePending(record);
      if (next !== undefined) this.disk.write(path, next, current?.bytes);
      else if (current !== undefined) this.disk.remove(path, current.bytes);
    }
    this.disk.tidy(path);
    for (const folder of [...entry.folders].reverse()) this.disk.removeFolder(folder);
    this.forget(entry);
    return changed;
  }

  /** Folders that other files of ours still need are theirs to remove. */
  private forget({ path, folders }: RecordedFile): void {
    const record = this.store.load();
    const left = folders.filter((folder) => this.disk.exists(folder));
    const others = record.files.filter((file) => file.path !== path);
    const files = others.map((file) => {
      const above = left.filter((folder) => file.path.startsWith(`${folder}/`));
      return { ...file, folders: union(above, file.folders) };
    });
    this.store.save({ ...record, files });
  }

  private saveEntry(record: NodeRecord, entry: RecordedFile): void {
    const others = record.files.filter(({ path }) => path !== entry.path);
    this.store.save({ ...record, pending: this.reloads || record.pending, files: [...others, entry] });
  }

  private savePending(record: NodeRecord): void {
    if (this.reloads && !record.pending) this.store.save({ ...record, pending: true });
  }
}

/** What restore brings back of the original: all of it but mirrors that were taken over and marks of ours. */
function restored(entry: RecordedFile): HostFile | undefined {
  const found = originalBytes(entry);
  const text = found && withdrawals[entry.kind].original(textOf(found, entry.path), entry);
  return text === undefined ? undefined : { bytes: Buffer.from(text), mode: entry.original?.mode ?? 0o644 };
}

/** The original where only we touched the file; else what is there, without our entry. */
function withdrawn(entry: RecordedFile, current: HostFile | undefined): HostFile | undefined {
  if (continues(entry, current?.bytes)) return restored(entry);
  if (current === undefined) return undefined;
  const text = withdrawals[entry.kind].withdraw(textOf(current.bytes, entry.path), entry);
  return text === undefined ? undefined : { bytes: Buffer.from(text), mode: current.mode };
}

/** Whether the bytes came from the original by our edits alone. */
function continues(entry: RecordedFile, current: Buffer | undefined): boolean {
  const original = originalBytes(entry);
  if (current === undefined) return original === undefined;
  return original?.equals(current) === true || entry.written.includes(sha256(current));
}

function hashes(current: Buffer | undefined, next: Buffer): string[] {
  return union(current === undefined ? [] : [sha256(current)], [sha256(next)]);
}

function union(one: readonly string[], other: readonly string[]): string[] {
  return [...new Set([...one, ...other])];
}

function sameFile(one: HostFile | undefined, other: HostFile | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.mode === other.mode && one.bytes.equals(other.bytes);
}
