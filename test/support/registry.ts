import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { freePort, TestProcess } from './process';
import { findTool } from './find-tools';

export interface RegistryOptions {
  /** The text of its config.yml. */
  readonly config: string;
  /** @default {} */
  readonly env?: Readonly<Record<string, string>>;
}

/** A real distribution, started with the text of a config.yml. */
export class Registry {
  private constructor(
    readonly process: TestProcess,
    /** Host and port that it listens on. */
    readonly address: string,
    private readonly debugAddress: string | undefined,
  ) {}

  /** Starts it and waits until its port takes connections; throws with its log when it does not. */
  static async start({ config, env }: RegistryOptions): Promise<Registry> {
    const { http } = parse(config) as { http: { addr: string; debug?: { addr: string } } };
    const folder = await mkdtemp(join(tmpdir(), 'registry-'));
    try {
      const file = join(folder, 'config.yml');
      await writeFile(file, config, { mode: 0o600 });
      const process = await TestProcess.start({
        command: findTool('registry'),
        args: ['serve', file],
        env: { OTEL_TRACES_EXPORTER: 'none', ...env },
        ready: () => listens(http.addr),
      });
      return new Registry(process, http.addr, http.debug?.addr);
    } finally {
      await rm(folder, { recursive: true });
    }
  }

  /** Starts a registry that holds what is pushed to it, without a login. */
  static async origin(root: string): Promise<Registry> {
    const addr = `127.0.0.1:${await freePort()}`;
    const config = {
      version: 0.1,
      log: { level: 'error', accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
      http: { addr },
    };
    return Registry.start({ config: JSON.stringify(config) });
  }

  /** Ends it as Kubernetes does, or at once. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await this.process.stop(signal);
  }

  /** Stops the process where it stands; its port still takes connections. */
  pause(): void {
    this.process.signal('SIGSTOP');
  }

  resume(): void {
    this.process.signal('SIGCONT');
  }

  /** The value of a metric, summed over the series that carry all of these labels; 0 when there is none. */
  async metric(name: string, labels: Readonly<Record<string, string>> = {}): Promise<number> {
    if (this.debugAddress === undefined) throw new Error('this registry was started without http.debug.addr');
    const text = await (await fetch(`http://${this.debugAddress}/metrics`)).text();
    return text
      .split('\n')
      .filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
      .filter((line) => Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`)))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
  }
}

async function listens(address: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect(Number(port), hostname === '' ? '127.0.0.1' : hostname);
  try {
    await once(socket, 'connect');
    return true;
  } finally {
    socket.destroy();
  }
}
