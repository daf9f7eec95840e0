/** What is known of a path without following a link at its end. */
export interface FileStat {
  readonly type: 'file' | 'folder' | 'link' | 'socket' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeMs: number;
}

/**
 * Every file-system call that the agent makes, one operation each, so that a test can end the process at
 * any of them. All of them throw what `node:fs` throws, but for `lstat`.
 */
export interface FileSystem {
  /** Undefined where nothing is. */
  lstat(path: string): FileStat | undefined;
  readlink(path: string): string;
  readFile(path: string): Buffer;
  readdir(path: string): string[];
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  /** Makes a file that must not exist and opens it for writing; the mode holds whatever the umask is. */
  create(path: string, mode: number): number;
  /** Writes from `offset` on; the number of bytes that went out. */
  write(fd: number, bytes: Buffer, offset: number): number;
  fsync(fd: number): void;
  close(fd: number): void;
  /** Makes the entries of a folder durable. */
  fsyncFolder(path: string): void;
  chmod(path: string, mode: number): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  /** Sets the time of the last change, in milliseconds. */
  touch(path: string, timeMs: number): void;
}

/** The code of a system error: ENOENT, EROFS, …; undefined for anything else. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
