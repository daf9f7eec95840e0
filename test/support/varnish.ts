import { existsSync } from 'node:fs';
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { varnishdArguments } from '../../lib/render/varnish/varnishd-arguments';
import { freePort, TestProcess } from './process';

/** The user of the cache's containers. */
const user = 65532;

export interface VarnishOptions {
  /** The program; it may be given later, when ports of others are known. */
  readonly vcl: string;
  readonly storeBytes: number;
  /** @default 'front-0' */
  readonly identity?: string;
  /** @default a free one */
  readonly port?: number;
}

/** The Debian folder that `test/tools/varnish.sh` makes. */
export function varnishFolder(): string {
  const tools = process.env['DOCKER_CACHE_TOOLS'] ?? join(homedir(), '.cache/docker-cache-tools');
  const folder = join(tools, 'varnish-trixie');
  if (!existsSync(join(folder, '.complete')))
    throw new Error('varnish is not there yet; run: bash test/tools/varnish.sh');
  return folder;
}

/** A real varnishd of Debian trixie, on loopback, as a user without rights, in a folder of its own. */
export class Varnish {
  private constructor(
    readonly process: TestProcess,
    readonly port: number,
    private readonly folder: string,
  ) {}

  static async start(options: VarnishOptions): Promise<Varnish> {
    const root = varnishFolder();
    const port = options.port ?? (await freePort());
    const folder = await mkdtemp(join(root, 'tmp', 'front-'));
    const inside = folder.slice(root.length);
    await chown(folder, user, user);
    await mkdir(join(folder, 'work'));
    await chown(join(folder, 'work'), user, user);
    await writeFile(join(folder, 'front.vcl'), options.vcl);
    const args = varnishdArguments({
      vclFile: `${inside}/front.vcl`,
      workFolder: `${inside}/work`,
      storeFile: `${inside}/blobs.bin`,
      storeBytes: options.storeBytes,
      identity: options.identity ?? 'front-0',
      listen: { address: `127.0.0.1:${port}` },
    });
    try {
      const process = await TestProcess.start({
        command: 'chroot',
        args: [`--userspec=${user}:${user}`, root, 'varnishd', ...args],
        ready: async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 200,
      });
      return new Varnish(process, port, folder);
    } catch (error) {
      await rm(folder, { recursive: true });
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Runs one of Varnish's own tools (`varnishstat -1`, `varnishlog -d`) on it and gives what it printed. */
  async tool(name: string, ...args: string[]): Promise<string> {
    const root = varnishFolder();
    const tool = await TestProcess.start({
      command: 'chroot',
      args: [root, name, '-n', join(this.folder.slice(root.length), 'work'), ...args],
      env: { VSM_NOPID: '1' },
    });
    await tool.exited();
    return tool.log;
  }

  /** A counter of varnishstat, like `MAIN.n_lru_nuked`. */
  async counter(name: string): Promise<number> {
    const text = await this.tool('varnishstat', '-1', '-f', name);
    return Number(text.trim().split(/\s+/)[1]);
  }

  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.process.stop(signal);
    await rm(this.folder, { recursive: true, force: true });
  }
}
