import type { AgentMode } from '../config';
import type { ProbeResult } from '../probe/probe-result';
import type { Redactor } from '../redact';
import type { Refusal } from '../refusal';
import type { Clock } from './clock';
import type { AgentStatus, MirrorStatus, NodeState } from './status';

export interface StatusBoardOptions {
  readonly pool: string;
  readonly mode: AgentMode;
  readonly runtime: string;
  readonly mirrors: readonly { readonly host: string; readonly url: string }[];
  readonly clock: Clock;
  readonly redactor: Redactor;
  /** Takes a line for the log. */
  readonly log: (line: string) => void;
}

type Details = Pick<MirrorStatus, 'reason' | 'remedy' | 'unverified'>;

/** What is known of the node, for /status and the metrics; each change of state is a line in the log. */
export class StatusBoard {
  private readonly mirrors: Map<string, MirrorStatus>;
  /** How often each mirror gave each answer. */
  readonly probes = new Map<string, Map<string, number>>();
  /** When a file was last written for a mirror, in milliseconds since 1970. */
  readonly changes = new Map<string, number>();

  constructor(private readonly options: StatusBoardOptions) {
    const since = this.time();
    this.mirrors = new Map(
      options.mirrors.map(({ host, url }) => [
        host,
        { host, url, state: 'unmanaged', since, files: [], withdrawals: 0 },
      ]),
    );
  }

  get status(): AgentStatus {
    const { pool, mode, runtime } = this.options;
    return { pool, mode, runtime, mirrors: [...this.mirrors.values()] };
  }

  stateOf(host: string): NodeState {
    return this.get(host).state;
  }

  set(host: string, state: NodeState, details: Details = {}): void {
    const before = this.get(host);
    const shown = this.redacted(details);
    const changed = before.state !== state || before.reason !== shown.reason;
    const since = before.state === state ? before.since : this.time();
    const { url, files, withdrawals, probe } = before;
    this.mirrors.set(host, {
      host,
      url,
      state,
      since,
      ...shown,
      ...(probe && { probe }),
      files,
      withdrawals,
    });
    if (changed) this.tell(host, state, shown);
  }

  refuse(host: string, error: Refusal): void {
    const { reason, remedy } = error;
    this.set(host, 'refused', { reason, remedy });
  }

  probed(host: string, result: ProbeResult): void {
    const name = result.kind === 'ok' ? 'ok' : result.cause;
    const counts = this.probes.get(host) ?? new Map<string, number>();
    this.probes.set(host, counts.set(name, (counts.get(name) ?? 0) + 1));
    const detail = result.kind === 'ok' ? undefined : this.options.redactor.redact(result.detail);
    const probe = { result: name, at: this.time(), ...(detail !== undefined && { detail }) } as const;
    this.mirrors.set(host, { ...this.get(host), probe });
    if (detail !== undefined) this.options.log(`${host}: probe failed: ${detail}`);
  }

  wrote(host: string, paths: readonly string[], files: readonly string[]): void {
    if (paths.length > 0) {
      this.changes.set(host, this.options.clock.now());
      this.options.log(`${host}: wrote ${paths.join(', ')}`);
    }
    this.mirrors.set(host, { ...this.get(host), files });
  }

  withdrew(host: string): void {
    const status = this.get(host);
    this.changes.set(host, this.options.clock.now());
    this.mirrors.set(host, { ...status, files: [], withdrawals: status.withdrawals + 1 });
  }

  private tell(host: string, state: NodeState, { reason, remedy = [], unverified }: Details): void {
    const why = reason ?? unverified;
    this.options.log(`${host}: ${state}${why === undefined ? '' : `: ${why}`}`);
    for (const line of remedy) this.options.log(`${host}:   ${line}`);
  }

  private redacted({ reason, remedy, unverified }: Details): Details {
    const { redactor } = this.options;
    return {
      ...(reason !== undefined && { reason: redactor.redact(reason) }),
      ...(remedy !== undefined &&
        remedy.length > 0 && { remedy: remedy.map((line) => redactor.redact(line)) }),
      ...(unverified !== undefined && { unverified }),
    };
  }

  private get(host: string): MirrorStatus {
    const status = this.mirrors.get(host);
    if (status === undefined) throw new Error(`${host} is no mirror of this agent`);
    return status;
  }

  private time(): string {
    return new Date(this.options.clock.now()).toISOString();
  }
}
