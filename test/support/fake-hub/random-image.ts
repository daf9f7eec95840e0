import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface RandomImageOptions {
  /** @default 2 */
  readonly layers?: number;
  /** Size of each layer. @default 65536 (bytes) */
  readonly layerBytes?: number;
  /** More than one make an index; they share no layer. @default ['amd64'] */
  readonly architectures?: readonly string[];
}

/** An image that nobody has seen before, as an OCI layout in a temporary folder. */
export interface RandomImage {
  readonly layout: string;
  /** Of the manifest, or of the index of several architectures. */
  readonly digest: string;
  /** Of the manifests, by architecture. */
  readonly manifests: Readonly<Record<string, string>>;
  /** Of the layers of all architectures. */
  readonly layers: readonly string[];
  /** Of all blobs of the first architecture: its layers and its configuration. */
  readonly bytes: number;
  remove(): Promise<void>;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly platform?: { readonly os: string; readonly architecture: string };
}

const type = (name: string) => `application/vnd.oci.image.${name}`;

/** Writes an image whose layers are random bytes: good for any client that does not unpack them. */
export async function randomImage(options: RandomImageOptions = {}): Promise<RandomImage> {
  const { layers = 2, layerBytes = 65_536, architectures = ['amd64'] } = options;
  const layout = await mkdtemp(join(tmpdir(), 'image-'));
  await mkdir(join(layout, 'blobs/sha256'), { recursive: true });
  const blob = async (mediaType: string, content: Buffer | object): Promise<Descriptor> => {
    const bytes = Buffer.isBuffer(content) ? content : Buffer.from(JSON.stringify(content));
    const hex = createHash('sha256').update(bytes).digest('hex');
    await writeFile(join(layout, 'blobs/sha256', hex), bytes);
    return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
  };

  const images = [];
  for (const architecture of architectures) {
    const parts = [];
    for (let n = 0; n < layers; n += 1) parts.push(await blob(type('layer.v1.tar'), randomBytes(layerBytes)));
    const config = await blob(type('config.v1+json'), {
      architecture,
      os: 'linux',
      rootfs: { type: 'layers', diff_ids: parts.map(({ digest }) => digest) },
    });
    const manifest = await blob(type('manifest.v1+json'), {
      schemaVersion: 2,
      mediaType: type('manifest.v1+json'),
      config,
      layers: parts,
    });
    images.push({
      architecture,
      parts,
      config,
      manifest: { ...manifest, platform: { os: 'linux', architecture } },
    });
  }

  const manifests = images.map(({ manifest }) => manifest);
  const index = { schemaVersion: 2, mediaType: type('index.v1+json'), manifests };
  const [first] = images;
  if (first === undefined) throw new Error('an image needs an architecture');
  const top = images.length === 1 ? first.manifest : await blob(type('index.v1+json'), index);
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), JSON.stringify({ ...index, manifests: [top] }));

  return {
    layout,
    digest: top.digest,
    manifests: Object.fromEntries(
      images.map(({ architecture, manifest }) => [architecture, manifest.digest]),
    ),
    layers: images.flatMap(({ parts }) => parts.map(({ digest }) => digest)),
    bytes: [first.config, ...first.parts].reduce((sum, { size }) => sum + size, 0),
    remove: () => rm(layout, { recursive: true }),
  };
}
