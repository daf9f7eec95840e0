import { posix } from 'node:path';
import { Refusal } from '../refusal';
import { onDisk } from './disk-refusal';
import type { FileSystem } from './file-system';
import { hostPath, type HostPath } from './host-path';
import { removeFile, removeTemporary, replaceFile } from './replace-file';

/** A file of the node as it was read. */
export interface HostFile {
  readonly bytes: Buffer;
  readonly mode: number;
}

/** The node's files, by the paths that the node knows them under. */
export class HostDisk {
  constructor(
    readonly fs: FileSystem,
    /** Folder where the node's folders are mounted at their own paths. */
    private readonly root: string,
  ) {}

  /** What is at a path, links followed. */
  find(path: string): HostPath {
    return onDisk('look at', path, () => hostPath(this.fs, this.root, path));
  }

  exists(path: string): boolean {
    return this.find(path).stat !== undefined;
  }

  /** The file at a path; undefined where nothing is. */
  read(path: string): HostFile | undefined {
    const { real, stat } = this.find(path);
    if (stat === undefined) return undefined;
    if (stat.type !== 'file') throw new Refusal(`${path} is no file; remove it or choose another path`);
    return { bytes: onDisk('read', path, () => this.fs.readFile(real)), mode: stat.mode };
  }

  /** The text of the file at a path; undefined where nothing is. */
  readText(path: string): string | undefined {
    const file = this.read(path);
    return file && textOf(file.bytes, path);
  }

  /** Names in the folder at a path, sorted; none where nothing is. */
  list(path: string): string[] {
    const { real, stat } = this.find(path);
    return stat?.type === 'folder' ? onDisk('list', path, () => this.fs.readdir(real).sort()) : [];
  }

  /** The folders above a path that do not exist, outermost first. */
  missingFolders(path: string): string[] {
    const folder = posix.dirname(path);
    return folder === '/' || this.exists(folder) ? [] : [...this.missingFolders(folder), folder];
  }

  /** Throws where the agent, without capabilities, could not put a file in place as it was before. */
  checkOwner(path: string): void {
    const { host, stat, above } = this.find(path);
    if (stat !== undefined && (stat.uid !== 0 || stat.gid !== 0))
      throw notOfRoot(host, `${stat.uid}:${stat.gid}`);
    for (const folder of [...above].reverse()) {
      if (folder.stat.type !== 'folder') throw new Refusal(`${folder.host} is no folder`);
      if (folder.stat.uid !== 0) throw notOfRoot(folder.host, String(folder.stat.uid));
    }
  }

  makeFolder(path: string, mode: number): void {
    const { real, stat } = this.find(path);
    if (stat !== undefined) return;
    onDisk('make', path, () => {
      this.fs.mkdir(real, mode);
      // The umask may have taken bits away.
      this.fs.chmod(real, mode);
      this.fs.fsyncFolder(posix.dirname(real));
    });
  }

  /** Removes a folder of ours; one that is not empty, or mounted, stays. */
  removeFolder(path: string): void {
    const { real, stat } = this.find(path);
    if (stat?.type !== 'folder' || this.list(path).length > 0) return;
    try {
      this.fs.rmdir(real);
      this.fs.fsyncFolder(posix.dirname(real));
    } catch {
      // A folder that the kubelet mounted cannot be removed from inside (EBUSY, EROFS): an empty one does no harm.
    }
  }

  /** Puts a file in place in one step; throws when it is no longer what was read. */
  write(path: string, file: HostFile, expected: Buffer | undefined): void {
    onDisk('write', path, () => {
      replaceFile(this.fs, { real: this.find(path).real, name: path }, file, expected);
    });
  }

  remove(path: string, expected: Buffer): void {
    onDisk('remove', path, () => {
      removeFile(this.fs, { real: this.find(path).real, name: path }, expected);
    });
  }

  /** Removes what a write that was cut off left beside a file. */
  tidy(path: string): void {
    onDisk('tidy up beside', path, () => {
      removeTemporary(this.fs, this.find(path).real);
    });
  }
}

/** Bytes as text; refused where they are not UTF-8, because they could not be written back. */
export function textOf(bytes: Buffer, path: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Refusal(`${path} is not UTF-8 text`);
  }
}

function notOfRoot(path: string, owner: string): Refusal {
  return new Refusal(`${path} belongs to ${owner} and not to root, and the agent could not keep that`, [
    `chown root:root ${path}`,
  ]);
}
