import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { loadPrograms } from '../../../lib/cli/clusters/load-programs';
import type { NodeFolder } from '../../../lib/node-folders';
import type { Command } from '../../../lib/programs/node-agent/cli';
import type { AgentConfig } from '../../../lib/programs/node-agent/config';
import type { NodeProcess } from './node-process';
import type { TestNode } from './test-node';

/** What a test says about the agent's work; the rest is the same for all. */
export type AgentSettings = Pick<AgentConfig, 'runtime' | 'mirrors'> &
  Partial<Omit<AgentConfig, 'version' | 'mode' | 'listen'>>;

/** How a command of the agent ended. */
export interface AgentRun {
  readonly code: number | NodeJS.Signals;
  readonly output: string;
}

export interface AgentContainerOptions {
  readonly node: TestNode;
  /** The folders of the node that its Pod mounts. */
  readonly folders: readonly NodeFolder[];
  /** Sees the processes of the node. */
  readonly hostPid: boolean;
}

/**
 * What a kubelet does for the agent: its mounts and nothing else of the node, a root that is read-only, user 0 without
 * any capability, and no way to gain one.
 */
const ENTER = `
set -eu
while [ "$1" != -- ]; do
  mount --bind "$1" "$2"
  if [ "$3" = ro ]; then mount -o remount,bind,ro "$2"; fi
  shift 3
done
shift
mount -o remount,bind,ro /
exec setpriv --bounding-set=-all --inh-caps=-all --ambient-caps=-all --no-new-privs "$@"
`;

/** The agent's container on a node: the bundle that goes into the ConfigMap, under the manifest's security context. */
export class AgentContainer {
  private constructor(
    private readonly options: AgentContainerOptions,
    private readonly folder: string,
  ) {}

  static async create(options: AgentContainerOptions): Promise<AgentContainer> {
    return new AgentContainer(options, await mkdtemp(join(tmpdir(), 'agent-')));
  }

  /** The path in the container of a file that a ConfigMap or Secret brings. */
  async addFile(name: string, content: string): Promise<string> {
    const path = join(this.folder, 'config', name);
    await writeFile(await inFolder(path), content);
    return path;
  }

  /** The paths on the node of everything that is mounted. */
  get mounted(): string[] {
    return this.options.folders.map(({ path }) => path);
  }

  /** The folder in the container below which the node's folders are mounted. */
  get hostRoot(): string {
    return join(this.folder, 'host');
  }

  /** Starts the agent with a command and a configuration. */
  async start(command: Command, config: AgentConfig): Promise<NodeProcess> {
    const configFile = await this.addFile('config.json', JSON.stringify(config));
    const { nodeAgent } = await loadPrograms(resolve(__dirname, '../../..'));
    const program = await this.addFile('node-agent.cjs', nodeAgent);
    const args = [command, '--config', configFile, '--host-root', this.hostRoot];
    return this.enter(process.execPath, program, ...args);
  }

  /** Starts any program in the container. */
  async enter(...program: readonly string[]): Promise<NodeProcess> {
    const { node, hostPid } = this.options;
    const own = hostPid ? [] : ['--pid', '--fork', '--mount-proc', '--kill-child'];
    return node.run({
      command: 'unshare',
      args: ['--mount', ...own, '--', 'sh', '-c', ENTER, 'sh', ...(await this.mounts()), '--', ...program],
      generations: hostPid ? 1 : 2,
    });
  }

  /** Runs a command of the agent to its end. */
  async run(command: 'plan' | 'restore' | 'status', settings: AgentSettings): Promise<AgentRun> {
    const mode = command === 'status' ? 'apply' : command;
    const listen = { address: '127.0.0.1', port: 0 };
    const run = await this.start(command, { version: 1, mode, pool: 'nodes', ...settings, listen });
    return { code: await run.exited(), output: run.log };
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Makes what the kubelet makes: missing folders of the node, and the places to mount them on. */
  private async mounts(): Promise<string[]> {
    const all: string[] = [];
    for (const { path, writable, isFile = false } of this.options.folders) {
      const source = this.options.node.path(path);
      const target = join(this.hostRoot, path);
      if (isFile) await writeFile(await inFolder(target), '');
      else for (const folder of [source, target]) await mkdir(folder, { recursive: true });
      all.push(source, target, writable ? 'rw' : 'ro');
    }
    return all;
  }
}

/** The path, whose folder is there from now on. */
async function inFolder(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  return path;
}
