import type { CertificateAuthority } from '../../support/certificates';
import { FakeHub } from '../../support/fake-hub';
import { sleeperImage } from '../../support/oci-images';
import { Door } from './door';
import { site } from './site';

/**
 * What is outside of the cluster: Docker Hub, under the address that the cache is given (clear text) and under its
 * public name that nodes fall back to (TLS).
 */
export class OutsideWorld {
  private constructor(
    readonly authority: CertificateAuthority,
    readonly hub: FakeHub,
    private readonly doors: readonly Door[],
  ) {}

  static async start(authority: CertificateAuthority): Promise<OutsideWorld> {
    const { hostAddress, ports } = site;
    const hub = await FakeHub.start({
      realm: `http://${hostAddress}:${ports.hub}/token`,
      redirectsBlobs: true,
    });
    try {
      const certificate = authority.issue('registry-1.docker.io');
      const doors = [
        await Door.open(ports.hub, hub.address),
        await Door.open(ports.publicRegistry, hub.address, certificate),
      ];
      return new OutsideWorld(authority, hub, doors);
    } catch (error) {
      await hub.stop();
      throw error;
    }
  }

  /** Publishes an image that nobody has seen; the size of its layer in bytes. */
  async publish(name: string, randomBytes = 4_000_000): Promise<number> {
    const image = await sleeperImage({ randomBytes });
    try {
      await this.hub.push(image.layout, name);
      return image.layerBytes;
    } finally {
      await image.remove();
    }
  }

  /** Cuts the line: every connection is refused. */
  async cut(): Promise<void> {
    for (const door of this.doors) await door.close();
  }

  async mend(): Promise<void> {
    for (const door of this.doors) await door.open();
  }

  async stop(): Promise<void> {
    await this.cut();
    await this.hub.stop();
  }
}
