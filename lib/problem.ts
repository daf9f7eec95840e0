/** One thing that is wrong with a cluster's data, and what to write instead. */
export interface Problem {
  /** Where: the path of the property below the cluster, like `cache.storage.node`. */
  readonly property: string;
  /** What is wrong: a clause that follows the property's name. */
  readonly problem: string;
  /** The value that is there; left out where it is missing. */
  readonly value?: unknown;
  /** What to do about it. */
  readonly remedy: string;
}

/** A problem as one line, without the cluster's name. */
export function problemLine({ property, problem, value, remedy }: Problem): string {
  const was = value === undefined ? '' : ` (was ${JSON.stringify(value)})`;
  return `${property} ${problem}${was}; ${remedy}`;
}

/** The problems of a strategy's own options, as problems of the property that holds it. */
export function problemsBelow(property: string, problems: readonly Problem[]): Problem[] {
  return problems.map((problem) => ({
    ...problem,
    property: problem.property === '' ? property : `${property}.${problem.property}`,
  }));
}

/** Thrown when a cluster's data is wrong: every problem that was found, a line each. */
export class InvalidClusterError extends Error {
  override readonly name = 'InvalidClusterError';
  /** The problems, a line each, without the cluster's name. */
  readonly lines: readonly string[];

  constructor(
    readonly cluster: string,
    readonly problems: readonly Problem[],
  ) {
    const lines = problems.map(problemLine);
    super(lines.map((line) => `${cluster}: ${line}`).join('\n'));
    this.lines = lines;
  }
}
