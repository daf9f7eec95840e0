import type { FileSystem } from '../../../../lib/programs/node-agent/disk/file-system';

/** Counts what a process does to the outside, and ends the process right before one of those steps. */
export class Lifetime {
  /** The steps so far, by name. */
  readonly steps: string[] = [];

  constructor(
    /** Number of the step that is not reached, from 1 on; 0 for a process that lives. */
    private readonly killAt: number,
  ) {}

  step(name: string): void {
    this.steps.push(name);
    if (this.steps.length === this.killAt) process.kill(process.pid, 'SIGKILL');
  }
}

export interface MortalOptions {
  readonly lifetime: Lifetime;
  /** Folder that is shown as /proc. */
  readonly proc: string;
}

/** A disk whose every call is a step of a lifetime. Writes are torn: half of a file goes out first. */
export function mortalFileSystem(real: FileSystem, { lifetime, proc }: MortalOptions): FileSystem {
  const at = (path: string) => (path.startsWith('/proc') ? proc + path.slice('/proc'.length) : path);
  const own = process.getuid?.() ?? 0;
  const group = process.getgid?.() ?? 0;
  return {
    lstat: (path) => {
      lifetime.step(`lstat ${path}`);
      const stat = real.lstat(at(path));
      // A test that does not run as root takes its own files for root's.
      return (
        stat && { ...stat, uid: stat.uid === own ? 0 : stat.uid, gid: stat.gid === group ? 0 : stat.gid }
      );
    },
    readlink: (path) => {
      lifetime.step(`readlink ${path}`);
      return real.readlink(at(path));
    },
    readFile: (path) => {
      lifetime.step(`readFile ${path}`);
      return real.readFile(at(path));
    },
    readdir: (path) => {
      lifetime.step(`readdir ${path}`);
      return real.readdir(at(path));
    },
    mkdir: (path, mode) => {
      lifetime.step(`mkdir ${path}`);
      real.mkdir(path, mode);
    },
    rmdir: (path) => {
      lifetime.step(`rmdir ${path}`);
      real.rmdir(path);
    },
    create: (path, mode) => {
      lifetime.step(`create ${path}`);
      return real.create(path, mode);
    },
    write: (fd, bytes, offset) => {
      lifetime.step(`write ${fd}`);
      const half = Math.ceil(bytes.length / 2);
      return real.write(fd, offset === 0 ? bytes.subarray(0, half) : bytes, offset);
    },
    fsync: (fd) => {
      lifetime.step(`fsync ${fd}`);
      real.fsync(fd);
    },
    close: (fd) => {
      lifetime.step(`close ${fd}`);
      real.close(fd);
    },
    fsyncFolder: (path) => {
      lifetime.step(`fsyncFolder ${path}`);
      real.fsyncFolder(path);
    },
    chmod: (path, mode) => {
      lifetime.step(`chmod ${path}`);
      real.chmod(path, mode);
    },
    rename: (from, to) => {
      lifetime.step(`rename ${to}`);
      real.rename(from, to);
    },
    unlink: (path) => {
      lifetime.step(`unlink ${path}`);
      real.unlink(path);
    },
    touch: (path, timeMs) => {
      lifetime.step(`touch ${path}`);
      real.touch(path, timeMs);
    },
  };
}
