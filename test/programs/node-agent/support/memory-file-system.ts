import { posix } from 'node:path';
import type { FileStat, FileSystem } from '../../../../lib/programs/node-agent/disk/file-system';

interface MemoryNode {
  readonly type: FileStat['type'];
  bytes: Buffer;
  mode: number;
  uid: number;
  gid: number;
  mtimeMs: number;
  readonly target?: string;
}

/** An error of the system, as `node:fs` throws it. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: a system error`), { code });
}

/** A disk in memory, whose calls can be counted and made to fail. */
export class MemoryFileSystem implements FileSystem {
  private readonly nodes = new Map<string, MemoryNode>([['/', folder(0o755)]]);
  private readonly open = new Map<number, string>();
  private nextFd = 3;
  /** Called before each call; may throw. */
  onCall: (call: keyof FileSystem, path: string) => void = () => undefined;
  /** How many bytes a write takes at most. */
  writeLimit = Infinity;
  now = 0;

  // What a test does.

  put(path: string, text: string | Buffer, mode = 0o644): this {
    this.folders(posix.dirname(path));
    const { uid = 0, gid = 0 } = this.nodes.get(path) ?? {};
    this.nodes.set(path, { type: 'file', bytes: Buffer.from(text), mode, uid, gid, mtimeMs: this.now });
    return this;
  }

  link(path: string, target: string): this {
    this.folders(posix.dirname(path));
    this.nodes.set(path, { ...folder(0o777), type: 'link', target });
    return this;
  }

  socket(path: string): this {
    this.folders(posix.dirname(path));
    this.nodes.set(path, { ...folder(0o660), type: 'socket' });
    return this;
  }

  folders(path: string): this {
    if (path !== '/') this.folders(posix.dirname(path));
    if (!this.nodes.has(path)) this.nodes.set(path, folder(0o755));
    return this;
  }

  chown(path: string, uid: number, gid: number): this {
    Object.assign(this.at(path), { uid, gid });
    return this;
  }

  text(path: string): string | undefined {
    return this.nodes.get(path)?.bytes.toString();
  }

  delete(path: string): this {
    this.nodes.delete(path);
    return this;
  }

  /** Everything below a folder: type, mode, owner and content by path. */
  tree(below = '/'): Record<string, string> {
    const entries = [...this.nodes].filter(([path]) => path.startsWith(below)).sort();
    return Object.fromEntries(
      entries.map(([path, { type, mode, uid, gid, bytes, target = '' }]) => [
        path,
        `${type} ${mode.toString(8)} ${uid}:${gid} ${target}${bytes.toString('latin1')}`,
      ]),
    );
  }

  // What the agent does.

  lstat(path: string): FileStat | undefined {
    this.onCall('lstat', path);
    const node = this.nodes.get(path);
    return node && { type: node.type, mode: node.mode, uid: node.uid, gid: node.gid, mtimeMs: node.mtimeMs };
  }

  readlink(path: string): string {
    this.onCall('readlink', path);
    return this.at(path).target ?? '';
  }

  readFile(path: string): Buffer {
    this.onCall('readFile', path);
    const node = this.at(path);
    if (node.type === 'folder') throw systemError('EISDIR');
    return Buffer.from(node.bytes);
  }

  readdir(path: string): string[] {
    this.onCall('readdir', path);
    this.at(path);
    return [...this.nodes.keys()]
      .filter((key) => key !== '/' && posix.dirname(key) === path)
      .map((key) => posix.basename(key));
  }

  mkdir(path: string, mode: number): void {
    this.onCall('mkdir', path);
    if (this.nodes.has(path)) throw systemError('EEXIST');
    this.at(posix.dirname(path));
    this.nodes.set(path, folder(mode));
  }

  rmdir(path: string): void {
    this.onCall('rmdir', path);
    if (this.readdir(path).length > 0) throw systemError('ENOTEMPTY');
    this.nodes.delete(path);
  }

  create(path: string, mode: number): number {
    this.onCall('create', path);
    if (this.nodes.has(path)) throw systemError('EEXIST');
    this.at(posix.dirname(path));
    this.nodes.set(path, { ...folder(mode), type: 'file', mtimeMs: this.now });
    this.open.set(this.nextFd, path);
    return this.nextFd++;
  }

  write(fd: number, bytes: Buffer, offset: number): number {
    const path = this.pathOf(fd);
    this.onCall('write', path);
    const node = this.at(path);
    const part = bytes.subarray(offset, offset + this.writeLimit);
    node.bytes = Buffer.concat([node.bytes, part]);
    return part.length;
  }

  fsync(fd: number): void {
    this.onCall('fsync', this.pathOf(fd));
  }

  close(fd: number): void {
    this.onCall('close', this.pathOf(fd));
    this.open.delete(fd);
  }

  fsyncFolder(path: string): void {
    this.onCall('fsyncFolder', path);
    this.at(path);
  }

  chmod(path: string, mode: number): void {
    this.onCall('chmod', path);
    this.at(path).mode = mode;
  }

  rename(from: string, to: string): void {
    this.onCall('rename', to);
    this.nodes.set(to, this.at(from));
    this.nodes.delete(from);
  }

  unlink(path: string): void {
    this.onCall('unlink', path);
    this.at(path);
    this.nodes.delete(path);
  }

  touch(path: string, timeMs: number): void {
    this.onCall('touch', path);
    this.at(path).mtimeMs = timeMs;
  }

  private at(path: string): MemoryNode {
    const node = this.nodes.get(path);
    if (node === undefined) throw systemError('ENOENT');
    return node;
  }

  private pathOf(fd: number): string {
    const path = this.open.get(fd);
    if (path === undefined) throw systemError('EBADF');
    return path;
  }
}

function folder(mode: number): MemoryNode {
  return { type: 'folder', bytes: Buffer.alloc(0), mode, uid: 0, gid: 0, mtimeMs: 0 };
}
