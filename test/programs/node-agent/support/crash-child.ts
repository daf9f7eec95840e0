import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAgentConfig } from '../../../../lib/programs/node-agent/config';
import { HostDisk } from '../../../../lib/programs/node-agent/disk/host-disk';
import { nodeFileSystem } from '../../../../lib/programs/node-agent/disk/node-file-system';
import { RecordStore } from '../../../../lib/programs/node-agent/disk/record-store';
import { Node } from '../../../../lib/programs/node-agent/engine/node';
import { Redactor } from '../../../../lib/programs/node-agent/redact';
import { resolveMirror } from '../../../../lib/programs/node-agent/resolve-mirror';
import { ProcessTable } from '../../../../lib/programs/node-agent/runtimes/process-table';
import { runtimeOf } from '../../../../lib/programs/node-agent/runtimes/runtime-of';
import { Lifetime, mortalFileSystem } from './mortal-file-system';
import { TestClock } from './test-clock';

/** What a process of the crash test is told to do. */
export interface CrashOrder {
  /** Folders of nodes, each with host, proc, config.json and dockerd.json. */
  readonly folders: readonly string[];
  /** What is done on each node, one after the other. */
  readonly operations: readonly ('apply' | 'withdraw' | 'restore')[];
  /** File of the node whose texts are told, one after each operation. */
  readonly file: string;
  /** Number of the step before which the process ends, from 1 on; 0 for never. */
  readonly killAt: number;
}

/** What a process tells that was not ended. */
export interface CrashReport {
  readonly steps: readonly string[];
  /** By node: the texts of the file after each operation, null where there was none. */
  readonly texts: readonly (readonly (string | null)[])[];
}

async function main({ folders, operations, file, killAt }: CrashOrder): Promise<void> {
  const lifetime = new Lifetime(killAt);
  const texts: (string | null)[][] = [];
  for (const folder of folders) texts.push(await work(folder, operations, file, lifetime));
  process.stdout.write(JSON.stringify({ steps: lifetime.steps, texts } satisfies CrashReport));
}

async function work(
  folder: string,
  operations: CrashOrder['operations'],
  file: string,
  lifetime: Lifetime,
): Promise<(string | null)[]> {
  const fs = mortalFileSystem(nodeFileSystem, { lifetime, proc: join(folder, 'proc') });
  const config = parseAgentConfig(readFileSync(join(folder, 'config.json'), 'utf8'), {});
  const clock = new TestClock();
  const disk = new HostDisk(fs, join(folder, 'host'));
  const store = new RecordStore(disk, '/var/lib/docker-cache', config, () => clock.now());
  const dockerd = new DockerdOnDisk(folder);
  const env = {
    disk,
    hostRoot: join(folder, 'host'),
    processes: new ProcessTable(fs),
    hangUp: () => {
      lifetime.step('SIGHUP');
      dockerd.read();
    },
    clock,
    api: () => dockerd.api,
  };
  const node = new Node(disk, store, runtimeOf(config, env));
  const mirrors = config.mirrors.map((mirror) =>
    resolveMirror(config, mirror, nodeFileSystem, new Redactor()),
  );
  const texts: (string | null)[] = [];
  for (const operation of operations) {
    if (operation === 'restore') await node.restore(mirrors);
    for (const mirror of mirrors) {
      if (operation === 'apply') await node.apply(mirror);
      if (operation === 'withdraw') await node.withdraw(mirror.host);
    }
    const path = join(folder, file);
    texts.push(existsSync(path) ? readFileSync(path, 'utf8') : null);
  }
  return texts;
}

/** A dockerd that outlives the agent: what it has in memory lies in a file. It reads as the real one does. */
class DockerdOnDisk {
  private readonly memory: string;

  constructor(private readonly folder: string) {
    this.memory = join(folder, 'dockerd.json');
  }

  readonly api = {
    ping: () => Promise.resolve(true),
    info: () =>
      Promise.resolve({
        mirrors: JSON.parse(readFileSync(this.memory, 'utf8')) as string[],
        imageStore: 'classic' as const,
      }),
  };

  read(): void {
    const path = join(this.folder, 'host/etc/docker/daemon.json');
    if (!existsSync(path)) return;
    const { 'registry-mirrors': mirrors } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
    // A key that is gone clears nothing.
    if (mirrors !== undefined) writeFileSync(this.memory, JSON.stringify(mirrors));
  }
}

void main(JSON.parse(process.argv[2] ?? '') as CrashOrder);
