import type { FileEdit } from '../edits/file-edit';
import { Refusal } from '../refusal';
import type { ResolvedMirror } from '../mirror';

/** One file of the node that shall hold our entry. */
export interface ManagedFile {
  /** Absolute, as the node sees it. */
  readonly path: string;
  /** Mode of a file that we make; one that exists keeps its own. */
  readonly mode: number;
  /** Holds a login: the mode is set on a file that exists too, and what is shown of it is redacted. */
  readonly secret: boolean;
  readonly edit: FileEdit;
}

/** The files of one mirror, in the order in which they are written; they are removed in the reverse. */
export interface MirrorFiles {
  readonly host: string;
  readonly files: readonly ManagedFile[];
  /** Why nobody can tell from here whether the runtime reads them. */
  readonly unverified?: string;
}

/** What a look at the node says; a `Refusal` is thrown where the agent is not sure. */
export type Detection =
  | { readonly state: 'notApplicable'; readonly reason: string }
  | { readonly state: 'ready'; readonly mirrors: readonly (MirrorFiles | RefusedMirror)[] };

/** A mirror that this node is not given, while others may be. */
export interface RefusedMirror {
  readonly host: string;
  readonly refusal: Refusal;
}

export interface ReloadRequest {
  /** Mirror URLs that the runtime shall use, or shall no longer use. */
  readonly urls: readonly string[];
  readonly want: 'present' | 'absent';
  /** A file changed since the last reload that is known to have come through. */
  readonly pending: boolean;
}

/** A container runtime of the node. The engine asks and writes; the runtime knows where, what and how it is noticed. */
export interface Runtime {
  /** Looks at the node and changes nothing. */
  detect(mirrors: readonly ResolvedMirror[]): Promise<Detection>;
  /** Makes the runtime read its files again and sees that it did; absent where files are read at each pull. */
  reload?(request: ReloadRequest): Promise<void>;
}

/**
 * A daemon that does not answer on its socket. When that lasts, the agent ends, for a socket that was
 * mounted as a file stays the one of the daemon before the last restart.
 */
export class DaemonSilence extends Refusal {}
