import type { AgentMode } from '../config';
import type { FailureCause, WrongCause } from '../probe/probe-result';

export const nodeStates = [
  'unmanaged',
  'probing',
  'applied',
  'withdrawn',
  'restored',
  'planned',
  'notApplicable',
  'refused',
] as const;

/** Where a mirror stands on this node. */
export type NodeState = (typeof nodeStates)[number];

/** What is known of one mirror on this node; never a secret. */
export interface MirrorStatus {
  readonly host: string;
  readonly url: string;
  readonly state: NodeState;
  /** Since when, in ISO 8601. */
  readonly since: string;
  /** Why, in a line. */
  readonly reason?: string;
  /** What an administrator does about it. */
  readonly remedy?: readonly string[];
  /** Why nobody can tell from here whether the runtime reads what was written. */
  readonly unverified?: string;
  /** The last answer of the mirror. */
  readonly probe?: {
    readonly result: 'ok' | FailureCause | WrongCause;
    readonly at: string;
    /** What was wrong with it. */
    readonly detail?: string;
  };
  /** Files that hold an entry of ours. */
  readonly files: readonly string[];
  readonly withdrawals: number;
}

/** What the agent says of its node. */
export interface AgentStatus {
  readonly pool: string;
  readonly mode: AgentMode;
  readonly runtime: string;
  readonly mirrors: readonly MirrorStatus[];
}

/** The states in which a node is ready, by what it is asked to do. */
const goals: Readonly<Record<AgentMode, NodeState>> = {
  plan: 'planned',
  apply: 'applied',
  restore: 'restored',
};

/** Whether the node is as the mode asks. */
export function isReady({ mode, mirrors }: AgentStatus): boolean {
  return mirrors.every(({ state }) => state === goals[mode] || state === 'notApplicable');
}
