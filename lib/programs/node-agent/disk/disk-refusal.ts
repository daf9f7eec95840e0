import { Refusal } from '../refusal';
import { errorCode } from './file-system';

const meanings: Readonly<Record<string, string>> = {
  EROFS: 'its file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota of the disk is used up',
  EACCES: 'the agent has no permission',
  EPERM: 'the agent has no permission',
  EIO: 'the disk has an error',
  EBUSY: 'it is mounted by itself; mount its folder instead',
  ENOENT: 'it is not there',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
};

/** A failed call on a path as a reason that an administrator understands; anything that is no system error stays. */
export function diskRefusal(error: unknown, action: string, path: string): unknown {
  const code = errorCode(error);
  if (error instanceof Refusal || code === undefined) return error;
  return new Refusal(`cannot ${action} ${path}: ${meanings[code] ?? 'the system refused'} (${code})`);
}

/** Runs disk calls on a path; a system error of theirs becomes a refusal. */
export function onDisk<T>(action: string, path: string, calls: () => T): T {
  try {
    return calls();
  } catch (error) {
    throw diskRefusal(error, action, path);
  }
}
