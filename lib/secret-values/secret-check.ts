/** One remark on a value of a Secret; it says where and what, and never holds the value itself. */
export interface SecretFinding<Value extends string = string> {
  /** Which value of the Secret: `htpasswd`, `password`, `certificate`. */
  readonly value: Value;
  /** The line of the value, from 1; left out where the whole value is meant. */
  readonly line?: number;
  /** What is the matter: a clause. */
  readonly problem: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** What a check found: problems make the value useless, warnings only costly or soon useless. */
export interface SecretCheck<Value extends string = string> {
  readonly problems: readonly SecretFinding<Value>[];
  readonly warnings: readonly SecretFinding<Value>[];
}

/** A finding as one line that begins with the name of the file that was read. */
export function findingLine(file: string, { line, problem, remedy }: SecretFinding): string {
  const where = line === undefined ? '' : ` line ${line}:`;
  return `${file}:${where} ${problem}; ${remedy}`;
}
