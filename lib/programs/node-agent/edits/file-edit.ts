/** The kinds of files that the agent has an entry in. */
export type FileKind = 'hosts-toml' | 'daemon-json' | 'registries-conf' | 'ca';

/** Our entry in one file of the node: pure functions from text to text, which throw a `Refusal`. */
export interface FileEdit {
  readonly kind: FileKind;
  /** What is ours in the file, recorded so that a later agent with another configuration finds it. */
  readonly own: readonly string[];
  /** The text with our entry; undefined stands for a file that does not exist. */
  apply(current: string | undefined): string;
}

/** Takes our entry out again, from what was recorded alone. */
export interface FileWithdrawal {
  /** The text without what is ours; undefined when nothing of the file is left. */
  withdraw(current: string, own: readonly string[]): string | undefined;
  /** What restore brings back of the original: all of it but the mirrors that were taken over. */
  original(text: string, own: readonly string[]): string;
  /** A text to be loaded before the entry goes, for a runtime that does not notice a missing key. */
  clearing?(current: string, own: readonly string[]): string;
}
