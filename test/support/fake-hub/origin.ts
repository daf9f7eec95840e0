import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Registry } from '../registry';
import { push } from '../skopeo';

export interface PushOptions {
  /** Only for those who log in. @default false */
  readonly private?: boolean;
}

export interface OriginRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly signal: AbortSignal;
}

/** The real registry with the real images. */
export class Origin {
  private readonly visibility = new Map<string, 'public' | 'private'>();
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(
    private readonly registry: Registry,
    private readonly root: string,
  ) {}

  static async start(): Promise<Origin> {
    const root = await mkdtemp(join(tmpdir(), 'fake-hub-'));
    return new Origin(await Registry.origin(root), root);
  }

  async push(layout: string, name: string, options: PushOptions): Promise<void> {
    await push(layout, `${this.registry.address}/${name}`);
    this.visibility.set(name.replace(/:[^/]*$/, ''), options.private === true ? 'private' : 'public');
  }

  /** Whether the repository exists and is for everyone. */
  isPublic(repository: string): boolean {
    return this.visibility.get(repository) === 'public';
  }

  async ask({ method, path, headers, signal }: OriginRequest): Promise<IncomingMessage> {
    const asked = request(`http://${this.registry.address}${path}`, {
      agent: this.agent,
      method,
      headers: without(headers, ['authorization', 'host', 'connection']),
      signal,
    });
    const [answer] = (await once(asked.end(), 'response')) as [IncomingMessage];
    answer.headers = without(answer.headers, ['connection', 'keep-alive']);
    return answer;
  }

  async stop(): Promise<void> {
    this.agent.destroy();
    await this.registry.stop('SIGKILL');
    await rm(this.root, { recursive: true });
  }
}

/** The headers that pass a proxy: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1 */
const without = (headers: IncomingHttpHeaders, names: readonly string[]): IncomingHttpHeaders =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
