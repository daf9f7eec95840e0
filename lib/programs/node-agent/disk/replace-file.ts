import { posix } from 'node:path';
import { Refusal } from '../refusal';
import type { FileSystem } from './file-system';

/** A file, where this process finds it and as the node names it. */
export interface NamedPath {
  readonly real: string;
  readonly name: string;
}

interface NewFile {
  readonly bytes: Buffer;
  readonly mode: number;
}

/**
 * Puts a file in place in one step: a temporary file in the same folder, made durable, then renamed, then
 * the folder made durable. At any moment a reader, or the next boot, finds the old bytes or the new ones.
 */
export function replaceFile(
  fs: FileSystem,
  path: NamedPath,
  file: NewFile,
  expected: Buffer | undefined,
): void {
  const temporary = temporaryOf(path.real);
  removeTemporary(fs, path.real);
  try {
    writeDurably(fs, temporary, file);
    if (!fs.readFile(temporary).equals(file.bytes))
      throw new Refusal(`${path.name} did not arrive whole on the disk`);
    checkUnchanged(fs, path, expected);
    fs.rename(temporary, path.real);
  } catch (error) {
    removeQuietly(fs, path.real);
    throw error;
  }
  fs.fsyncFolder(posix.dirname(path.real));
}

export function removeFile(fs: FileSystem, path: NamedPath, expected: Buffer): void {
  checkUnchanged(fs, path, expected);
  fs.unlink(path.real);
  fs.fsyncFolder(posix.dirname(path.real));
}

/** Removes what a write that was cut off left. */
export function removeTemporary(fs: FileSystem, path: string): void {
  const temporary = temporaryOf(path);
  if (fs.lstat(temporary)?.type === 'file') fs.unlink(temporary);
}

/** Always the same name, so that a crash leaves one file at most; no runtime reads files of this ending. */
function temporaryOf(path: string): string {
  return posix.join(posix.dirname(path), `.${posix.basename(path)}.docker-cache.tmp`);
}

function writeDurably(fs: FileSystem, path: string, { bytes, mode }: NewFile): void {
  const fd = fs.create(path, mode);
  try {
    let written = 0;
    while (written < bytes.length) written += fs.write(fd, bytes, written);
    fs.fsync(fd);
  } finally {
    fs.close(fd);
  }
}

function checkUnchanged(fs: FileSystem, { real, name }: NamedPath, expected: Buffer | undefined): void {
  const now = fs.lstat(real) === undefined ? undefined : fs.readFile(real);
  const same = now === undefined || expected === undefined ? now === expected : now.equals(expected);
  if (!same) throw new Refusal(`${name} was changed by somebody else a moment ago; it is read again`);
}

function removeQuietly(fs: FileSystem, path: string): void {
  try {
    removeTemporary(fs, path);
  } catch {
    // The first error is the one to tell; the next write tries again.
  }
}
