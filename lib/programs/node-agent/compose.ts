import { posix } from 'node:path';
import type { AgentConfig } from './config';
import type { FileSystem } from './disk/file-system';
import { HostDisk } from './disk/host-disk';
import { RecordStore } from './disk/record-store';
import { Agent } from './engine/agent';
import type { Clock } from './engine/clock';
import { Node } from './engine/node';
import { StatusBoard } from './engine/status-board';
import { mirrorUrl } from './mirror';
import { MirrorProbe } from './probe/mirror-probe';
import { Redactor } from './redact';
import { ProcessTable } from './runtimes/process-table';
import { runtimeOf } from './runtimes/runtime-of';

/** Everything of the outside that the agent uses. */
export interface Outside {
  readonly config: AgentConfig;
  readonly hostRoot: string;
  readonly fs: FileSystem;
  readonly clock: Clock;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** Makes a process read its configuration again. */
  readonly hangUp: (pid: number) => void;
  /** Takes a line for the log. */
  readonly log: (line: string) => void;
}

export interface ComposedAgent {
  readonly agent: Agent;
  readonly board: StatusBoard;
  readonly redactor: Redactor;
}

/** An agent put together from its parts. */
export function composeAgent({ config, hostRoot, fs, clock, random, hangUp, log }: Outside): ComposedAgent {
  const { pool, mode, runtime, hostIp, stateDir = '/var/lib/docker-cache' } = config;
  const disk = new HostDisk(fs, posix.normalize(hostRoot));
  const now = () => clock.now();
  const store = new RecordStore(disk, stateDir, { pool, runtime }, now);
  const processes = new ProcessTable(fs);
  const node = new Node(disk, store, runtimeOf(config, { disk, hostRoot, processes, hangUp, clock }));
  const redactor = new Redactor();
  const mirrors = config.mirrors.map(({ host, endpoint }) => ({ host, url: mirrorUrl(endpoint, hostIp) }));
  const board = new StatusBoard({ pool, mode, runtime: runtime.type, mirrors, clock, redactor, log });
  const prober = () => new MirrorProbe(now, random);
  return { agent: new Agent({ config, node, board, redactor, fs, clock, random, prober }), board, redactor };
}
