import { nodeFolders, runtimeNeeds } from '../../../lib/node-folders';
import type { MirrorConfig } from '../../../lib/programs/node-agent/config';
import { Agent } from './agent';
import type { AgentContainer, AgentRun, AgentSettings } from './agent-container';
import type { CacheOptions, CacheProcess } from './cache-process';
import type { RunningRuntime, RuntimeKind } from './runtime-kinds';
import { TestSite } from './test-site';

export interface SceneOptions extends Omit<CacheOptions, 'internet'> {
  /** What an administrator wrote besides the kind's own files, or instead of them; no file where undefined. */
  readonly files?: Readonly<Record<string, string | undefined>>;
}

/** A node with its runtime and a cache of Docker Hub, and the agent's container on it. */
export class Scene<R extends RunningRuntime = RunningRuntime> {
  private constructor(
    readonly site: TestSite,
    readonly cache: CacheProcess,
    readonly runtime: R,
    readonly container: AgentContainer,
    private readonly kind: RuntimeKind<R>,
    /** What was below /etc before the agent came. */
    readonly before: Readonly<Record<string, string>>,
  ) {}

  static async open<R extends RunningRuntime>(
    kind: RuntimeKind<R>,
    options: SceneOptions = {},
  ): Promise<Scene<R>> {
    const { files = {}, ...cacheOptions } = options;
    const site = await TestSite.open();
    try {
      const cache = await site.cache(cacheOptions);
      for (const [path, text] of Object.entries({ ...kind.files, ...files }))
        if (text !== undefined) await site.write(path, text);
      const runtime = await kind.start(site);
      const container = await site.agentContainer(podOf(kind, 'apply'));
      return new Scene(site, cache, runtime, container, kind, await site.tree('/etc'));
    } catch (error) {
      await site.close();
      throw error;
    }
  }

  /** What is below /etc when the agent has left: what was there, and folders that the kubelet made to mount them. */
  get found(): Readonly<Record<string, string>> {
    const mounted = this.container.mounted.filter((path) => path.startsWith('/etc/'));
    return { ...Object.fromEntries(mounted.map((path) => [path, '40755 0:0 '])), ...this.before };
  }

  /** The agent's configuration: one mirror, the cache of Docker Hub. */
  get settings(): AgentSettings {
    return { runtime: this.kind.runtime, mirrors: [mirrorOf(this.cache)] };
  }

  /** Starts the agent as the DaemonSet of mode apply does. */
  apply(other: Partial<AgentSettings> = {}): Promise<Agent> {
    return Agent.start(this.container, 'apply', { ...this.settings, ...other });
  }

  /** Runs plan as its own DaemonSet does: parent folders, read-only, and no folder for a record. */
  async plan(other: Partial<AgentSettings> = {}): Promise<AgentRun> {
    const container = await this.site.agentContainer(podOf(this.kind, 'plan'));
    return container.run('plan', { ...this.settings, ...other });
  }

  run(command: 'restore' | 'status', other: Partial<AgentSettings> = {}): Promise<AgentRun> {
    return this.container.run(command, { ...this.settings, ...other });
  }

  /** What the public Docker Hub was asked for a repository. */
  hubRequests(repository: string): string[] {
    return this.site.internet.asked('registry-1.docker.io', repository).map(({ path }) => path);
  }

  close(): Promise<void> {
    return this.site.close();
  }
}

/** What the DaemonSet of a pool in this mode lets the agent see. */
function podOf({ runtime }: RuntimeKind, mode: 'plan' | 'apply') {
  return { folders: nodeFolders(runtime, mode), hostPid: runtimeNeeds(runtime).signals };
}

/** One mirror of a configuration: a cache of Docker Hub unless said otherwise. */
export function mirrorOf(cache: CacheProcess, other: Partial<MirrorConfig> = {}): MirrorConfig {
  return {
    host: 'docker.io',
    server: 'https://registry-1.docker.io',
    endpoint: { type: 'url', url: cache.url },
    upstreamHeader: 'required',
    ...other,
  };
}
