import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  unlinkSync,
  utimesSync,
  writeSync,
  type Stats,
} from 'node:fs';
import { errorCode, type FileStat, type FileSystem } from './file-system';

/** The real disk. */
export const nodeFileSystem: FileSystem = {
  lstat: (path) => {
    try {
      return fileStat(lstatSync(path));
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  },
  readlink: (path) => readlinkSync(path),
  readFile: (path) => readFileSync(path),
  readdir: (path) => readdirSync(path),
  mkdir: (path, mode) => {
    mkdirSync(path, { mode });
  },
  rmdir: (path) => {
    rmdirSync(path);
  },
  create: (path, mode) => {
    const flags = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;
    const fd = openSync(path, flags, 0o600);
    fchmodSync(fd, mode);
    return fd;
  },
  write: (fd, bytes, offset) => writeSync(fd, bytes, offset),
  fsync: (fd) => {
    fsyncSync(fd);
  },
  close: (fd) => {
    closeSync(fd);
  },
  fsyncFolder: (path) => {
    const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  chmod: (path, mode) => {
    chmodSync(path, mode);
  },
  rename: (from, to) => {
    renameSync(from, to);
  },
  unlink: (path) => {
    unlinkSync(path);
  },
  touch: (path, timeMs) => {
    utimesSync(path, timeMs / 1000, timeMs / 1000);
  },
};

function fileStat(stats: Stats): FileStat {
  const { mode, uid, gid, mtimeMs } = stats;
  return { type: typeOf(stats), mode: mode & 0o7777, uid, gid, mtimeMs };
}

function typeOf(stats: Stats): FileStat['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'folder';
  if (stats.isSymbolicLink()) return 'link';
  return stats.isSocket() ? 'socket' : 'other';
}
