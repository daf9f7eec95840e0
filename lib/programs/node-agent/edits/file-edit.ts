/** The kinds of files that the agent has an entry in. */
export type FileKind = 'hosts-toml' | 'daemon-json' | 'registries-conf' | 'ca';

/** What is recorded of our entry, so that a later agent with another configuration finds it. */
export interface OwnEntry {
  /** What is ours: mirror URLs. */
  readonly own: readonly string[];
  /** Mirrors of others that were taken over, and that are not brought back. */
  readonly replaced: readonly string[];
}

/** Our entry in one file of the node: pure functions of text, which throw a `Refusal`. */
export interface FileEdit extends OwnEntry {
  readonly kind: FileKind;
  /**
   * The text with our entry, of the text that is there; undefined stands for a file that does not exist.
   * `previous` are URLs of ours that an earlier configuration put there.
   */
  apply(current: string | undefined, previous: readonly string[]): string;
}

/** Takes an entry out again, from what was recorded of it alone. */
export interface FileWithdrawal {
  /** The text without what is ours; undefined when nothing of the file is left. */
  withdraw(current: string, entry: OwnEntry): string | undefined;
  /** What is brought back of a text that was found: a copy of ours that no record knows does not count. */
  original(found: string, entry: OwnEntry): string | undefined;
  /** A text to be loaded before the entry goes, for a runtime that does not notice a key that is gone. */
  readonly clearing?: (current: string | undefined, entry: OwnEntry) => string;
}
