import { describe, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { sharedKeyAuthorization } from '../../lib/programs/create-container/shared-key';
import type { CertificateAuthority } from './certificates';
import { freePort, TestProcess } from './process';
import { describeWithTools } from './tools';

const program = resolve(__dirname, '../tools/azurite/node_modules/azurite/dist/src/blob/main.js');
const install = 'npm ci --prefix test/tools/azurite';

export interface AzuriteOptions {
  /** Name of its account. @default forexample */
  readonly account?: string;
  /** Makes it answer https with a certificate of this authority, and accept tokens. @default http, keys only */
  readonly authority?: CertificateAuthority;
}

/** A real Azurite on loopback: an emulator of Azure Blob storage. */
export class Azurite {
  private constructor(
    private readonly process: TestProcess,
    private readonly folder: string,
    private readonly ca: string | undefined,
    readonly account: string,
    /** The account's key, base64, new in every run. */
    readonly key: string,
    readonly port: number,
  ) {}

  static async start({ account = 'forexample', authority }: AzuriteOptions = {}): Promise<Azurite> {
    const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
    const key = randomBytes(64).toString('base64');
    const port = await freePort();
    try {
      const process = await TestProcess.start({
        command: globalThis.process.execPath,
        args: [
          program,
          ...['--blobHost', '127.0.0.1', '--blobPort', String(port), '--location', folder],
          ...['--skipApiVersionCheck', '--disableTelemetry', '--silent'],
          ...(authority ? await tlsArguments(authority, account, folder) : []),
        ],
        env: { AZURITE_ACCOUNTS: `${account}:${key}` },
        ready: async () => (await answers(port, authority?.cert)) === 400,
      });
      return new Azurite(process, folder, authority?.cert, account, key, port);
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  /** The account's blob service, for `serviceurl` and AZURE_STORAGE_SERVICE_URL. */
  get url(): string {
    return `${this.ca === undefined ? 'http' : 'https'}://127.0.0.1:${this.port}/${this.account}`;
  }

  async createContainer(container: string): Promise<void> {
    await this.ask('PUT', `/${container}?restype=container`);
  }

  async listContainers(): Promise<string[]> {
    return names(await this.ask('GET', '?comp=list'));
  }

  /** The names of all blobs of a container. */
  async listBlobs(container: string): Promise<string[]> {
    return names(await this.ask('GET', `/${container}?restype=container&comp=list`));
  }

  async putBlob(container: string, name: string, content: string): Promise<void> {
    await this.ask('PUT', `/${container}/${name}`, { 'x-ms-blob-type': 'BlockBlob' }, content);
  }

  async deleteBlob(container: string, name: string): Promise<void> {
    await this.ask('DELETE', `/${container}/${name}`);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    await this.process.stop(signal);
    await rm(this.folder, { recursive: true });
  }

  /** Stops the process where it stands; its port still takes connections. */
  pause(): void {
    this.process.signal('SIGSTOP');
  }

  resume(): void {
    this.process.signal('SIGCONT');
  }

  private async ask(
    method: string,
    path: string,
    special: Readonly<Record<string, string>> = {},
    body = '',
  ): Promise<string> {
    const url = new URL(this.url + path);
    const headers = {
      ...special,
      ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      'x-ms-date': new Date().toUTCString(),
      'x-ms-version': '2021-12-02',
    };
    const key = Buffer.from(this.key, 'base64');
    const authorization = sharedKeyAuthorization(this.account, key, { method, url, headers });
    const answer = await send(method, url, { ...headers, authorization }, this.ca, body);
    const content = await text(answer);
    if ((answer.statusCode ?? 500) >= 300) throw new Error(`${method} ${url.pathname}: ${content}`);
    return content;
  }
}

async function tlsArguments(
  authority: CertificateAuthority,
  account: string,
  folder: string,
): Promise<string[]> {
  const { cert, key } = authority.issue('127.0.0.1', `${account}.blob.core.windows.net`);
  await writeFile(join(folder, 'tls.crt'), cert);
  await writeFile(join(folder, 'tls.key'), key, { mode: 0o600 });
  return ['--cert', join(folder, 'tls.crt'), '--key', join(folder, 'tls.key'), '--oauth', 'basic'];
}

async function send(
  method: string,
  url: URL,
  headers: Record<string, string>,
  ca?: string,
  body = '',
): Promise<IncomingMessage> {
  const options = { method, headers, agent: false } as const;
  const request =
    url.protocol === 'https:' ? httpsRequest(url, { ...options, ca }) : httpRequest(url, options);
  const [answer] = (await once(request.end(body), 'response')) as [IncomingMessage];
  return answer;
}

async function answers(port: number, ca: string | undefined): Promise<number | undefined> {
  const url = new URL(`${ca === undefined ? 'http' : 'https'}://127.0.0.1:${port}/`);
  const answer = await send('GET', url, {}, ca);
  answer.resume();
  return answer.statusCode;
}

function names(xml: string): string[] {
  if (/<NextMarker>[^<]/.test(xml)) throw new Error('there are more names than one page holds');
  return [...xml.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => name);
}

/** A `describe` that needs real Azurite, and other real parts: as `describeWithTools` has it. */
export function describeWithAzurite(title: string, parts: readonly string[], define: () => void): void {
  if (existsSync(program)) return describeWithTools(title, parts, define);
  if (process.env['CI'] !== 'true')
    return describe.skip(`${title} (missing: azurite; run: ${install})`, define);
  describe(title, () => {
    it('finds the real parts that it needs', () => {
      throw new Error(`azurite is not installed; run: ${install}`);
    });
  });
}
