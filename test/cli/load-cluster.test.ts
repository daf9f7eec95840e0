import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openProject } from '../../lib/cli/clusters/bundle-cache';
import { loadCluster } from '../../lib/cli/clusters/load-cluster';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'docker-cache-load-'));
  mkdirSync(join(root, 'node_modules'));
  for (const library of ['one', 'other']) {
    writeFileSync(join(root, `${library}.js`), `exports.library = '${library}';\n`);
  }
  writeFileSync(
    join(root, 'lab.ts'),
    "import { library } from 'docker-cache';\nexport default { name: 'lab', library };\n",
  );
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

it('gives a cluster file the library that runs, whichever ran before', async () => {
  for (const library of ['one', 'other', 'one']) {
    const file = join(root, `${library}.js`);
    const cluster = await loadCluster(
      { project: openProject(root), folder: root, library: { root, file } },
      'lab',
    );
    expect(cluster).toEqual({ name: 'lab', library });
  }
});

it.each([
  ['empty', '', 'exports no cluster; write: export default { name: …, … } satisfies Cluster'],
  [
    'renamed',
    "export default { name: 'lab' };",
    'name is not the file\'s name (was "lab"); rename one of the two, or the wrong cluster would be applied',
  ],
  ['absent', undefined, expect.stringMatching(/^does not load: Could not resolve/)],
  ['lost', "import './nowhere';", 'does not load: line 1: Could not resolve "./nowhere"'],
])('says why it does not load a file that is %s', async (name, text, message) => {
  if (text !== undefined) writeFileSync(join(root, `${name}.ts`), `${text}\n`);
  const library = { root, file: join(root, 'one.js') };
  await expect(
    loadCluster({ project: openProject(root), folder: root, library }, name),
  ).rejects.toMatchObject({
    name: 'ClusterFileError',
    message,
  });
});
