import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../../support/certificates';
import {
  nodeImage,
  registryImage,
  sleeperImage,
  varnishImage,
  writeArchive,
  type OciImage,
} from '../../support/oci-images';
import { varnishFolder } from '../../support/varnish';
import { ControlPlane } from './control-plane';
import type { Kubectl } from './kubectl';
import { Machine } from './machine';
import { NodeParts, type NodeOptions } from './node-parts';
import { OutsideWorld } from './outside-world';
import { site } from './site';
import { until } from './until';

/** A real Kubernetes of one node, and the world outside of it. */
export class TestCluster {
  private constructor(
    readonly machine: Machine,
    readonly world: OutsideWorld,
    readonly kubectl: Kubectl,
    readonly node: NodeParts,
    private readonly ends: (() => Promise<void>)[],
  ) {}

  /** Everything that was started is ended again when one part does not come up. */
  static async start(options: NodeOptions = {}): Promise<TestCluster> {
    const ends: (() => Promise<void>)[] = [];
    try {
      const authority = new CertificateAuthority();
      const machine = await Machine.start();
      ends.unshift(() => machine.stop());
      const world = await OutsideWorld.start(authority);
      ends.unshift(() => world.stop());
      const { kubectl } = await ControlPlane.start(machine, authority);
      const node = await NodeParts.start(machine, authority, options);
      const cluster = new TestCluster(machine, world, kubectl, node, ends);
      await cluster.importImages();
      await cluster.untilNodeIsReady();
      return cluster;
    } catch (error) {
      await endAll(ends);
      throw error;
    }
  }

  /** Something else that ends with the cluster: what came last ends first. */
  atEnd(end: () => Promise<void>): void {
    this.ends.unshift(end);
  }

  async stop(): Promise<void> {
    await endAll(this.ends.splice(0));
  }

  async untilNodeIsReady(): Promise<number> {
    return until(
      async () => {
        const node = await this.kubectl.get('node', site.node);
        const conditions = node['status'].conditions as { type: string; status: string }[];
        return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
      },
      { what: `node ${site.node} Ready`, timeoutMs: 60_000, explain: () => Promise.resolve(this.node.log) },
    );
  }

  private async importImages(): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), 'e2e-images-'));
    try {
      const images: readonly [string, () => Promise<OciImage>][] = [
        [site.images.pause, sleeperImage],
        [site.images.registry, registryImage],
        [site.images.node, nodeImage],
        [site.images.varnish, () => varnishImage(varnishFolder())],
      ];
      for (const [name, build] of images) {
        const image = await build();
        const archive = join(folder, 'image.tar');
        await writeArchive(image, name, archive).finally(() => image.remove());
        await this.node.importImage(archive);
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }
}

async function endAll(ends: readonly (() => Promise<void>)[]): Promise<void> {
  const failed: unknown[] = [];
  for (const end of ends) await end().catch((error: unknown) => failed.push(error));
  if (failed.length > 0) throw new AggregateError(failed, 'not everything of the cluster ended');
}
