import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { toolOf } from './tool-catalog';

/** The path of a binary that `test/tools/build.sh` has built, by the binary's name. */
export function findTool(name: string): string {
  const tool = toolOf(name);
  if (tool === undefined) throw new Error(`no Go module below test/tools builds "${name}"`);
  const path = join(tool.output, name in tool.binaries ? name : (Object.keys(tool.binaries)[0] ?? name));
  if (!existsSync(path))
    throw new Error(`${name} is not built yet; run: bash test/tools/build.sh ${tool.name}`);
  return path;
}

/** What a Debian package is recognised by, where that is not a command of the package's own name. */
const DEBIAN_FILES: Readonly<Record<string, string>> = {
  'apache2-utils': 'htpasswd',
  'busybox-static': 'busybox',
  'containernetworking-plugins': '/usr/lib/cni/bridge',
  'docker.io': '/usr/sbin/dockerd',
  'etcd-server': 'etcd',
  iproute2: 'ip',
  nftables: 'nft',
};

/** The path of a command of a Debian package, by the package's name. */
export function findDebian(pkg: string): string {
  const file = DEBIAN_FILES[pkg] ?? pkg;
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin'];
  const candidates = file.startsWith('/') ? [file] : folders.map((folder) => join(folder, file));
  const found = candidates.find(isExecutable);
  if (found === undefined) throw new Error(`${file} is not installed; run: apt-get install -y ${pkg}`);
  return found;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The names among these that are not there: a built tool (`registry`) or a Debian package (`debian:skopeo`). */
export function missingParts(parts: readonly string[]): string[] {
  return parts.filter((part) => {
    try {
      if (part.startsWith('debian:')) findDebian(part.slice('debian:'.length));
      else findTool(part);
      return false;
    } catch {
      return true;
    }
  });
}
