import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AgentContainer, type AgentContainerOptions } from './agent-container';
import { CacheProcess, type CacheOptions } from './cache-process';
import { ContainerdDaemon, type ContainerdOptions } from './containerd-daemon';
import { DockerDaemon, type DockerOptions } from './docker-daemon';
import { PublicInternet } from './public-internet';
import { TestNode } from './test-node';

/** A place with one node, its runtime, caches and a public internet; everything of it ends together. */
export class TestSite {
  private readonly ends: (() => Promise<void>)[] = [];

  private constructor(
    readonly node: TestNode,
    readonly internet: PublicInternet,
  ) {
    this.atEnd(() => internet.stop());
    this.atEnd(() => node.stop());
  }

  static async open(): Promise<TestSite> {
    return new TestSite(await TestNode.start(), await PublicInternet.start());
  }

  async cache(options: Omit<CacheOptions, 'internet'> = {}): Promise<CacheProcess> {
    const cache = await CacheProcess.start({ ...options, internet: this.internet });
    this.atEnd(() => cache.stop());
    return cache;
  }

  docker(options: Omit<DockerOptions, 'node' | 'internet'>): Promise<DockerDaemon> {
    return DockerDaemon.start({ ...options, node: this.node, internet: this.internet });
  }

  containerd(options: Omit<ContainerdOptions, 'node' | 'internet'>): Promise<ContainerdDaemon> {
    return ContainerdDaemon.start({ ...options, node: this.node, internet: this.internet });
  }

  /** Writes a file of the node, as its administrator does. */
  async write(pathOnNode: string, text: string): Promise<void> {
    await mkdir(dirname(this.node.path(pathOnNode)), { recursive: true });
    await writeFile(this.node.path(pathOnNode), text);
  }

  /** The text of a file of the node; undefined when there is none. */
  async read(pathOnNode: string): Promise<string | undefined> {
    try {
      return await readFile(this.node.path(pathOnNode), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** What there is below a folder of the node: kind, mode, owner and content of everything, by its path. */
  async tree(folderOnNode: string): Promise<Record<string, string>> {
    const top = this.node.path(folderOnNode);
    const names = existsSync(top) ? await readdir(top, { recursive: true }) : [];
    const entries = names.sort().map(async (name) => {
      const path = join(top, name);
      const stats = await lstat(path);
      const text = stats.isFile() ? await readFile(path, 'latin1') : '';
      const content = text.length < 1000 ? text : createHash('sha256').update(text).digest('hex');
      return [
        join(folderOnNode, name),
        `${stats.mode.toString(8)} ${stats.uid}:${stats.gid} ${content}`,
      ] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  /** The container of an agent on this node. */
  async agentContainer(options: Omit<AgentContainerOptions, 'node'>): Promise<AgentContainer> {
    const container = await AgentContainer.create({ ...options, node: this.node });
    this.atEnd(() => container.remove());
    return container;
  }

  /** Something else that ends with the place: what came last ends first. */
  atEnd(end: () => Promise<void>): void {
    this.ends.unshift(end);
  }

  async close(): Promise<void> {
    const failed: unknown[] = [];
    for (const end of this.ends.splice(0)) await end().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw new AggregateError(failed, 'not everything of the place ended');
  }
}
