import type { AgentConfig, MirrorConfig } from '../config';
import type { FileSystem } from '../disk/file-system';
import type { ResolvedMirror } from '../mirror';
import type { Redactor } from '../redact';
import { Refusal } from '../refusal';
import { resolveMirror } from '../resolve-mirror';
import type { Detection } from '../runtimes/runtime';
import type { Clock } from './clock';
import { MirrorLoop, type MirrorProber } from './mirror-loop';
import type { Node } from './node';
import { planText } from './plan';
import type { StatusBoard } from './status-board';

export interface AgentEnvironment {
  readonly config: AgentConfig;
  readonly node: Node;
  readonly board: StatusBoard;
  readonly redactor: Redactor;
  /** Reads the agent's own files: authorities and logins. */
  readonly fs: FileSystem;
  readonly clock: Clock;
  /** A number from 0 to 1. */
  readonly random: () => number;
  /** Makes what asks one mirror. */
  readonly prober: () => MirrorProber;
}

/** What the agent does on its node, by command. */
export class Agent {
  readonly loops: readonly MirrorLoop[];

  constructor(private readonly env: AgentEnvironment) {
    this.loops = env.config.mirrors.map(
      (mirror) =>
        new MirrorLoop({
          ...env,
          host: mirror.host,
          intervalMs: (env.config.probe?.interval ?? 30) * 1_000,
          resolve: () => this.resolve(mirror),
          prober: env.prober(),
        }),
    );
  }

  /** Keeps every mirror in use while it works, until the signal. */
  async apply(signal: AbortSignal): Promise<void> {
    await this.withdrawOthers();
    // One loop that ends in an error ends the others.
    const failed = new AbortController();
    const either = AbortSignal.any([signal, failed.signal]);
    try {
      await Promise.all(this.loops.map((loop) => loop.run(either)));
    } finally {
      failed.abort();
    }
  }

  /** What would be written, as unified diffs; nothing is. */
  async plan(): Promise<string> {
    const { board, node } = this.env;
    const texts: string[] = [];
    for (const mirror of this.env.config.mirrors) {
      await this.orRefused(mirror.host, async () => {
        const detection = await node.detect([this.resolve(mirror)]);
        texts.push(this.planned(mirror.host, detection));
      });
    }
    return board.status.mirrors
      .filter(({ state }) => state === 'refused')
      .reduce(
        (text, { host, reason = '', remedy = [] }) =>
          text + commented([`${host}: refused: ${reason}`, ...remedy]),
        texts.join(''),
      );
  }

  /** Brings the node back to what it was; the refusal that kept it from that. */
  async restore(): Promise<Refusal | undefined> {
    const { board, node } = this.env;
    const hosts = this.env.config.mirrors.map(({ host }) => host);
    try {
      await node.restore(this.resolvable());
      for (const host of hosts) board.set(host, 'restored');
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      for (const host of hosts) board.refuse(host, error);
      return error;
    }
  }

  /** Looks where each mirror stands, without asking it. */
  async look(): Promise<void> {
    const { board, node } = this.env;
    for (const mirror of this.env.config.mirrors) {
      const { host } = mirror;
      await this.orRefused(host, async () => {
        const files = node.recorded(host);
        board.wrote(host, [], files);
        const detection = await node.detect([this.resolve(mirror)]);
        if (detection.state === 'notApplicable')
          board.set(host, 'notApplicable', { reason: detection.reason });
        else board.set(host, files.length > 0 && this.isAsWanted(detection) ? 'applied' : 'unmanaged');
      });
    }
  }

  private planned(host: string, detection: Detection): string {
    const { board, node } = this.env;
    if (detection.state === 'notApplicable') {
      board.set(host, 'notApplicable', { reason: detection.reason });
      return commented([`${host}: ${detection.reason}`]);
    }
    const texts = detection.mirrors.flatMap((files) => {
      if ('refusal' in files) throw files.refusal;
      return node.changes(files).map(planText);
    });
    board.set(host, 'planned');
    return texts.length > 0 ? texts.join('') : commented([`${host}: nothing to change`]);
  }

  private isAsWanted(detection: Extract<Detection, { state: 'ready' }>): boolean {
    return detection.mirrors.every((files) => {
      if ('refusal' in files) throw files.refusal;
      return this.env.node.changes(files).length === 0;
    });
  }

  private resolve(mirror: MirrorConfig): ResolvedMirror {
    const { config, fs, redactor } = this.env;
    return resolveMirror(config, mirror, fs, redactor);
  }

  /** The mirrors whose files can be read: restore works without the others too. */
  private resolvable(): ResolvedMirror[] {
    return this.env.config.mirrors.flatMap((mirror) => {
      try {
        return [this.resolve(mirror)];
      } catch (error) {
        if (error instanceof Refusal) return [];
        throw error;
      }
    });
  }

  private async withdrawOthers(): Promise<void> {
    const hosts = this.env.config.mirrors.map(({ host }) => host);
    const [first = ''] = hosts;
    await this.orRefused(first, () => this.env.node.withdrawOthers(hosts));
  }

  private async orRefused(host: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.env.board.refuse(host, error);
    }
  }
}

function commented(lines: readonly string[]): string {
  return lines.map((line) => `# ${line}\n`).join('');
}
