import {
  type AgentConfig,
  parseAgentConfig,
  type MirrorConfig,
} from '../../../../lib/programs/node-agent/config';
import { HostDisk } from '../../../../lib/programs/node-agent/disk/host-disk';
import { RecordStore } from '../../../../lib/programs/node-agent/disk/record-store';
import { Agent } from '../../../../lib/programs/node-agent/engine/agent';
import type { MirrorProber } from '../../../../lib/programs/node-agent/engine/mirror-loop';
import { Node } from '../../../../lib/programs/node-agent/engine/node';
import { StatusBoard } from '../../../../lib/programs/node-agent/engine/status-board';
import type { MirrorStatus } from '../../../../lib/programs/node-agent/engine/status';
import { mirrorUrl } from '../../../../lib/programs/node-agent/mirror';
import type { ProbeResult } from '../../../../lib/programs/node-agent/probe/probe-result';
import { Redactor } from '../../../../lib/programs/node-agent/redact';
import type { DockerApi } from '../../../../lib/programs/node-agent/runtimes/docker-api';
import { ProcessTable } from '../../../../lib/programs/node-agent/runtimes/process-table';
import { runtimeOf } from '../../../../lib/programs/node-agent/runtimes/runtime-of';
import { MemoryFileSystem } from './memory-file-system';
import { TestClock } from './test-clock';

export const cacheUrl = 'http://10.0.0.4:30500';

/** A mirror of Docker Hub at the node's own address. */
export function hub(other: Partial<MirrorConfig> = {}): MirrorConfig {
  return {
    host: 'docker.io',
    server: 'https://registry-1.docker.io',
    endpoint: { type: 'nodePort', port: 30500 },
    upstreamHeader: 'required',
    ...other,
  };
}

export type TestConfig = Pick<AgentConfig, 'runtime'> & Partial<AgentConfig>;

export function configOf(config: TestConfig): AgentConfig {
  const all = { version: 1, mode: 'apply', pool: 'nodes', mirrors: [hub()], hostIp: '10.0.0.4', ...config };
  return parseAgentConfig(JSON.stringify(all), {});
}

export const ok: ProbeResult = { kind: 'ok' };
export const refused: ProbeResult = { kind: 'failure', cause: 'refused', detail: 'connection refused' };
export const wedged: ProbeResult = {
  kind: 'failure',
  cause: 'timeout',
  detail: 'no whole answer within 2000 ms',
};

/** A dockerd of a test, by its API. */
export interface TestDocker {
  readonly api: DockerApi;
  hangUp(pid: number): void;
}

export interface TestAgentOptions {
  readonly fs?: MemoryFileSystem;
  readonly clock?: TestClock;
  readonly docker?: TestDocker;
  readonly prober?: MirrorProber;
  readonly random?: () => number;
}

/** An agent on a disk in memory, with a mirror that answers as the test says. */
export class TestAgent {
  readonly fs: MemoryFileSystem;
  readonly clock: TestClock;
  readonly agent: Agent;
  readonly board: StatusBoard;
  readonly log: string[] = [];
  /** What the mirror answers. */
  answer: ProbeResult = ok;
  /** Processes that were told to read their configuration again. */
  readonly hungUp: number[] = [];

  constructor(config: TestConfig, options: TestAgentOptions = {}) {
    const full = configOf(config);
    const { pool, mode, runtime, hostIp, stateDir = '/var/lib/docker-cache' } = full;
    this.fs = options.fs ?? new MemoryFileSystem();
    this.clock = options.clock ?? new TestClock();
    this.fs.folders('/host').folders('/proc');
    const { fs, clock } = this;
    const hangUp = (pid: number) => {
      this.hungUp.push(pid);
      options.docker?.hangUp(pid);
    };
    const disk = new HostDisk(fs, '/host');
    const store = new RecordStore(disk, stateDir, { pool, runtime }, () => clock.now());
    const processes = new ProcessTable(fs);
    const api = () => options.docker?.api ?? unreachable;
    const env = { disk, hostRoot: '/host', processes, hangUp, clock, api };
    const node = new Node(disk, store, runtimeOf(full, env));
    const redactor = new Redactor();
    const mirrors = full.mirrors.map(({ host, endpoint }) => ({ host, url: mirrorUrl(endpoint, hostIp) }));
    const log = (line: string) => this.log.push(line);
    this.board = new StatusBoard({ pool, mode, runtime: runtime.type, mirrors, clock, redactor, log });
    const prober = (): MirrorProber => options.prober ?? { probe: () => Promise.resolve(this.answer) };
    const random = options.random ?? (() => 0.5);
    this.agent = new Agent({ config: full, node, board: this.board, redactor, fs, clock, random, prober });
  }

  /** Lets every mirror ask this many times, one after the other. */
  async steps(count: number): Promise<void> {
    for (let step = 0; step < count; step += 1) {
      for (const loop of this.agent.loops) await this.clock.sleep(await loop.step());
    }
  }

  /** Asks until a mirror is in use. */
  async applied(): Promise<this> {
    await this.steps(3);
    return this;
  }

  get mirror(): MirrorStatus {
    const [mirror] = this.board.status.mirrors;
    if (mirror === undefined) throw new Error('no mirror');
    return mirror;
  }

  /** Text of a file of the node. */
  text(path: string): string | undefined {
    return this.fs.text(`/host${path}`);
  }

  put(path: string, text: string, mode?: number): this {
    this.fs.put(`/host${path}`, text, mode);
    return this;
  }
}

const unreachable: DockerApi = {
  ping: () => Promise.resolve(false),
  info: () => Promise.reject(new Error('dockerd does not answer')),
};

export const containerdConfig = `version = 2
[plugins."io.containerd.grpc.v1.cri".registry]
  config_path = "/etc/containerd/certs.d"
`;

/** A disk of a node with containerd. */
export function containerdDisk(): MemoryFileSystem {
  return new MemoryFileSystem()
    .put('/host/etc/containerd/config.toml', containerdConfig)
    .folders('/host/var/lib');
}
