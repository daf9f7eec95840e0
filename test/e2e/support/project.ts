import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { TestProcess } from '../../support/process';
import { site } from './site';

const ROOT = resolve(__dirname, '../../..');

/** What an administrator has checked out. */
const COPIED = [
  'cdk8s.yaml',
  'package.json',
  'tsconfig.json',
  'lib',
  'stacks',
  'test/e2e/clusters',
  'test/e2e/support/site.ts',
];

/** A checkout of this project whose clusters are those of `test/e2e/clusters` beside the examples. */
export class Project {
  private constructor(private readonly folder: string) {}

  static async checkOut(): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), 'e2e-project-'));
    for (const path of COPIED) {
      await mkdir(join(folder, dirname(path)), { recursive: true });
      await cp(join(ROOT, path), join(folder, path), { recursive: true });
    }
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    for (const file of await readdir(join(folder, 'test/e2e/clusters'))) {
      if (!file.startsWith('e2e-')) continue;
      const name = basename(file, '.ts');
      const text = `export { default } from '../../test/e2e/clusters/${name}';\n`;
      await writeFile(join(folder, 'stacks/clusters', file), text);
    }
    return new Project(folder);
  }

  /** Runs `npx cdk8s synth` for these clusters. */
  async synth(...clusters: readonly string[]): Promise<void> {
    const synth = await TestProcess.start({
      command: join(ROOT, 'node_modules/.bin/cdk8s'),
      args: ['synth'],
      env: { CLUSTER: clusters.join(','), CDK8S_CHECK_UPGRADE: 'false', E2E_PLACE: String(site.place) },
      cwd: this.folder,
    });
    if ((await synth.exited()) !== 0) throw new Error(`cdk8s synth: ${synth.log}`);
  }

  /** The manifest of a cluster that was synthesized. */
  manifest(cluster: string): string {
    return join(this.folder, `dist/${cluster}.k8s.yaml`);
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true });
  }
}
