import { posix } from 'node:path';
import { Refusal } from '../refusal';
import type { FileStat, FileSystem } from './file-system';

/** Where a path of the node is found by this process. */
export interface HostPath {
  /** Path in this process, without any link in it. */
  readonly real: string;
  /** Path on the node, without any link in it. */
  readonly host: string;
  /** Undefined where nothing is. */
  readonly stat: FileStat | undefined;
  /** What exists above it, outermost first. */
  readonly above: readonly { readonly host: string; readonly stat: FileStat }[];
}

/** As many links as Linux follows. */
const maxLinks = 40;

/**
 * Follows a path of the node below the folder where the node is mounted: absolute links begin there again,
 * and `..` does not leave it. A link whose target is not to be seen is refused.
 */
export function hostPath(fs: FileSystem, root: string, path: string): HostPath {
  let names = parts(path);
  let host = '';
  let links = 0;
  // Names that come from a link: they must exist, or the target lies outside what is mounted.
  let linked = 0;
  let link = '';
  let stat = fs.lstat(root);
  let above: { host: string; stat: FileStat }[] = [];
  while (names.length > 0) {
    const [name = '', ...rest] = names;
    const next = name === '..' ? posix.dirname(host) : `${host}/${name}`;
    stat = fs.lstat(posix.join(root, next));
    if (stat === undefined) {
      if (linked > 0) throw outside(link, next);
      const missing = [next, ...rest].join('/');
      return { real: posix.join(root, missing), host: missing, stat: undefined, above };
    }
    if (stat.type === 'link') {
      links += 1;
      if (links > maxLinks) throw new Refusal(`${path} is a circle of symbolic links`);
      const target = fs.readlink(posix.join(root, next));
      link = next;
      if (target.startsWith('/')) [host, above] = ['', []];
      linked = parts(target).length + Math.max(0, linked - 1);
      names = [...parts(target), ...rest];
    } else {
      host = next === '/' ? '' : next;
      names = rest;
      linked = Math.max(0, linked - 1);
      above = name === '..' ? above.slice(0, -1) : [...above, { host, stat }];
    }
  }
  return { real: posix.join(root, host), host: host === '' ? '/' : host, stat, above: above.slice(0, -1) };
}

function parts(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

function outside(link: string, target: string): Refusal {
  return new Refusal(
    `${link} is a symbolic link, and its target ${target} is outside the folders that the agent sees`,
    ['replace the link by what it points to, or point it to a folder that is mounted into the agent'],
  );
}
