import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface ProcessOptions {
  readonly command: string;
  readonly args?: readonly string[];
  /** The whole environment of the process besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Asked every 20 ms until it answers true; a rejection counts as "not yet". */
  readonly ready?: () => Promise<boolean>;
  /** How long to wait for `ready`. @default 20000 (milliseconds) */
  readonly readyTimeoutMs?: number;
}

/** A process of a test: known by its pid, ended by its pid. */
export class TestProcess {
  private output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly name: string,
  ) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.output += text;
      });
    }
  }

  /** Starts the process and waits until it is ready; ends it again and throws with its output when it is not. */
  static async start(options: ProcessOptions): Promise<TestProcess> {
    const child = spawn(options.command, [...(options.args ?? [])], {
      cwd: options.cwd,
      env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/root', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = new TestProcess(child, options.command);
    await Promise.race([
      once(child, 'spawn'),
      once(child, 'error').then(([error]) => Promise.reject(error as Error)),
    ]);
    try {
      if (options.ready) await started.waitUntil(options.ready, options.readyTimeoutMs ?? 20_000);
    } catch (error) {
      await started.stop('SIGKILL');
      throw error;
    }
    return started;
  }

  get pid(): number {
    if (this.child.pid === undefined) throw new Error(`${this.name} was not started`);
    return this.child.pid;
  }

  /** Everything that it wrote to stdout and stderr so far. */
  get log(): string {
    return this.output;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits for the process to end by itself; its exit code, or the signal that ended it. */
  async exited(): Promise<number | NodeJS.Signals> {
    if (this.running) await once(this.child, 'exit');
    const end = this.child.exitCode ?? this.child.signalCode;
    if (end === null) throw new Error(`${this.name} has not ended`);
    return end;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  /** Sends the signal, and SIGKILL when the process is still there after 10 s. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (!this.running) return;
    this.child.kill(signal);
    const killer = setTimeout(() => this.child.kill('SIGKILL'), 10_000);
    await once(this.child, 'exit');
    clearTimeout(killer);
  }

  private async waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (Date.now() < deadline) {
      if (!this.running) throw new Error(`${this.name} ended before it was ready:\n${this.output}`);
      if (await ready().catch(() => false)) return;
      await delay(20);
    }
    throw new Error(`${this.name} was not ready within ${timeoutMs} ms:\n${this.output}`);
  }
}

/** A TCP port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
