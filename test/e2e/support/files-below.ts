import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder by its path there: mode, owner, and digest of the content or target of the link. */
export async function filesBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  if (!existsSync(folder)) return new Map();
  const files = new Map<string, string>();
  for (const path of (await readdir(folder, { recursive: true })).sort()) {
    const file = join(folder, path);
    const stats = await lstat(file);
    if (stats.isDirectory()) continue;
    const content = stats.isSymbolicLink()
      ? await readlink(file)
      : createHash('sha256')
          .update(await readFile(file))
          .digest('hex');
    files.set(path, `${stats.mode.toString(8)} ${stats.uid}:${stats.gid} ${content}`);
  }
  return files;
}
