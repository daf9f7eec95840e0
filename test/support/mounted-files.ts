import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

let generation = 0;

/**
 * Writes the files of a ConfigMap or Secret as the kubelet does: links into a folder that is exchanged at once, so
 * that a reader never sees half of it. https://github.com/kubernetes/kubernetes/blob/v1.35.4/pkg/volume/util/atomic_writer.go
 */
export async function mountFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  generation += 1;
  const version = `..version-${generation}`;
  await mkdir(join(folder, version), { recursive: true });
  for (const [name, content] of Object.entries(files))
    await writeFile(join(folder, version, name), content, { mode: 0o555 });
  const link = join(folder, `..data-${generation}`);
  await symlink(version, link);
  await rename(link, join(folder, '..data'));
  for (const name of Object.keys(files)) {
    await symlink(join('..data', name), join(folder, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}
