import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CertificateAuthority } from '../certificates';
import { ForwardProxy } from '../forward-proxy';
import { testImage, type Content } from './test-image';

/** A request that reached a public registry. */
export interface PublicRequest {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}

/** The public registries that exist here. */
const HOSTS = ['registry-1.docker.io', 'quay.io'];

/**
 * The public internet of a test: a proxy that answers as the public registries do, under their own names and by
 * HTTPS, so that what is written for the real ones works without a change. Every repository exists.
 */
export class PublicInternet {
  /** What arrived at the registries so far. */
  readonly requests: PublicRequest[] = [];
  private readonly contents = new Map<string, Content>();

  private constructor(
    private readonly folder: string,
    private readonly registries: Server,
    private readonly proxy: ForwardProxy,
  ) {
    registries.on('request', (request, response) => this.answer(request, response));
  }

  static async start(): Promise<PublicInternet> {
    const folder = await mkdtemp(join(tmpdir(), 'internet-'));
    const authority = new CertificateAuthority();
    await writeFile(join(folder, 'ca.crt'), authority.cert);
    const registries = createServer(authority.issue(...HOSTS));
    await once(registries.listen(0, '127.0.0.1'), 'listening');
    const { port } = registries.address() as AddressInfo;
    const proxy = await ForwardProxy.start({ hosts: Object.fromEntries(HOSTS.map((host) => [host, port])) });
    return new PublicInternet(folder, registries, proxy);
  }

  /** What a process needs in its environment to reach this internet and no other. */
  get env(): Readonly<Record<string, string>> {
    return {
      HTTPS_PROXY: this.proxy.url,
      SSL_CERT_FILE: join(this.folder, 'ca.crt'),
      SSL_CERT_DIR: this.folder,
    };
  }

  /** The requests to one host for one repository. */
  asked(host: string, repository: string): PublicRequest[] {
    return this.requests.filter(
      (request) => request.host === host && request.path.includes(`/${repository}/`),
    );
  }

  async stop(): Promise<void> {
    await this.proxy.stop();
    this.registries.closeAllConnections();
    this.registries.close();
    await rm(this.folder, { recursive: true });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const host = request.headers.host ?? '';
    const path = (request.url ?? '').replace(/\?.*/, '');
    this.requests.push({ host, method: request.method ?? '', path });
    response.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    if (path === '/v2/') return void response.end('{}');
    const found = this.find(host, path);
    if (found === undefined) {
      response.writeHead(404, { 'Content-Type': 'application/json' });
      return void response.end('{"errors":[{"code":"MANIFEST_UNKNOWN","message":"unknown"}]}');
    }
    const { mediaType, bytes, digest } = found;
    response.setHeader('Content-Type', mediaType);
    response.setHeader('Content-Length', bytes.length);
    response.setHeader('Docker-Content-Digest', digest);
    response.end(request.method === 'HEAD' ? undefined : bytes);
  }

  private find(host: string, path: string): Content | undefined {
    const [, repository, kind, reference] = /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    if (repository === undefined || reference === undefined) return undefined;
    const image = testImage(`${host}/${repository}`);
    for (const content of [image.manifest, ...image.blobs]) this.contents.set(content.digest, content);
    if (kind === 'manifests' && !reference.startsWith('sha256:')) return image.manifest;
    return this.contents.get(reference);
  }
}
