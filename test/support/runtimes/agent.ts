import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../process';
import type { AgentContainer, AgentSettings } from './agent-container';
import type { NodeProcess } from './node-process';
import type { Answer } from './unix-http';

/** The agent of a node, as its DaemonSet runs it: it stays until it is stopped. */
export class Agent {
  private constructor(
    private readonly process: NodeProcess,
    private readonly port: number,
  ) {}

  static async start(
    container: AgentContainer,
    mode: 'plan' | 'apply' | 'restore',
    settings: AgentSettings,
  ): Promise<Agent> {
    const port = await freePort();
    const listen = { address: '127.0.0.1', port };
    // One second is the shortest time between two questions; the pace after a failure is not to be set.
    const config = { version: 1, mode, pool: 'nodes', probe: { interval: 1 }, ...settings, listen } as const;
    return new Agent(await container.start('run', config), port);
  }

  get log(): string {
    return this.process.log;
  }

  /** What `/status` answers. */
  async status(): Promise<string> {
    return (await this.get('/status')).body;
  }

  async isReady(): Promise<boolean> {
    return (await this.get('/readyz')).status === 200;
  }

  /** Waits until `/status` says this; fails when it does not within a minute, or when the agent ends. */
  async says(expected: RegExp): Promise<string> {
    let last = '';
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50)) {
      last = await this.status().catch(() => last);
      if (expected.test(last)) return last;
      if (!this.process.running) break;
    }
    // A program that does not start prints its line, and the whole bundle is one.
    const log = this.log.replace(/^(.{500}).*/gm, '$1 …');
    throw new Error(`the agent does not say ${String(expected)} but ${last}\n${log}`);
  }

  /** Waits until its log holds this, so many times; fails when it does not within a minute. */
  async logs(expected: RegExp, { times }: { readonly times: number }): Promise<void> {
    const all = new RegExp(expected.source, 'g');
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; await delay(50))
      if ([...this.log.matchAll(all)].length >= times) return;
    throw new Error(`the agent does not log ${String(expected)} ${times} times:\n${this.log}`);
  }

  /** Ends it as the kubelet does. */
  async stop(): Promise<void> {
    await this.process.stop();
  }

  exited(): Promise<number | NodeJS.Signals> {
    return this.process.exited();
  }

  private get(path: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port: this.port, path, signal: AbortSignal.timeout(5_000) };
      const sent = request(options, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.once('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.once('error', reject);
      });
      sent.once('error', reject);
      sent.end();
    });
  }
}
