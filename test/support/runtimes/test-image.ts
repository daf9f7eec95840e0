import { createHash } from 'node:crypto';
import { arch } from 'node:os';
import { gzipSync } from 'node:zlib';

/** A blob or manifest as a registry serves it. */
export interface Content {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** An image of one layer. */
export interface TestImage {
  readonly manifest: Content;
  readonly blobs: readonly Content[];
}

/**
 * An image whose only program sleeps for ever. Its layer holds the name, so that no two images share a blob and a
 * runtime has to fetch everything of a name that it has not seen.
 */
export function testImage(name: string): TestImage {
  const tar = Buffer.concat([
    tarEntry('pause', 0o755, sleepingProgram()),
    tarEntry('name', 0o644, Buffer.from(name)),
    Buffer.alloc(1024),
  ]);
  const layer = content('application/vnd.docker.image.rootfs.diff.tar.gzip', gzipSync(tar));
  const config = content('application/vnd.docker.container.image.v1+json', {
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/pause'], Labels: { name }, StopSignal: 'SIGKILL' },
    rootfs: { type: 'layers', diff_ids: [digestOf(tar)] },
    history: [{ created_by: 'a test' }],
  });
  const mediaType = 'application/vnd.docker.distribution.manifest.v2+json';
  const manifest = content(mediaType, {
    schemaVersion: 2,
    mediaType,
    config: descriptor(config),
    layers: [descriptor(layer)],
  });
  return { manifest, blobs: [config, layer] };
}

const descriptor = ({ mediaType, bytes, digest }: Content) => ({ mediaType, size: bytes.length, digest });

const digestOf = (bytes: Buffer) => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

function content(mediaType: string, value: Buffer | object): Content {
  const bytes = Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

/** A file in a tar archive, https://www.gnu.org/software/tar/manual/html_node/Standard.html. */
function tarEntry(name: string, mode: number, data: Buffer): Buffer {
  const octal = (value: number, width: number) => `${value.toString(8).padStart(width - 1, '0')}\0`;
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write(octal(mode, 8) + octal(0, 8) + octal(0, 8) + octal(data.length, 12) + octal(0, 12), 100);
  header.write('        0', 148); // the sum counts its own field as blanks; then the type: a file
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, data, Buffer.alloc((512 - (data.length % 512)) % 512)]);
}

/** A static program that calls pause(2) again and again: 129 bytes, so that no test depends on a build. */
function sleepingProgram(): Buffer {
  if (arch() !== 'x64')
    throw new Error(`the test image has no program for ${arch()}; add its machine code here`);
  const code = Buffer.from('b8220000000f05ebf7', 'hex'); // mov eax, 34; syscall; jmp back
  const base = 0x400000n;
  const elf = Buffer.alloc(120);
  elf.write('7f454c46020101', 'hex'); // ELF, 64 bit, little endian
  elf.writeUInt16LE(2, 16); // an executable
  elf.writeUInt16LE(62, 18); // for x86-64
  elf.writeUInt32LE(1, 20);
  elf.writeBigUInt64LE(base + 120n, 24); // it starts behind both headers
  elf.writeBigUInt64LE(64n, 32); // the program header
  elf.writeUInt16LE(64, 52);
  elf.writeUInt16LE(56, 54);
  elf.writeUInt16LE(1, 56);
  elf.writeUInt32LE(1, 64); // load
  elf.writeUInt32LE(5, 68); // read and execute
  elf.writeBigUInt64LE(base, 80);
  elf.writeBigUInt64LE(base, 88);
  elf.writeBigUInt64LE(BigInt(120 + code.length), 96);
  elf.writeBigUInt64LE(BigInt(120 + code.length), 104);
  elf.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([elf, code]);
}
