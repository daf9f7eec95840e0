/** A reason to leave a node, or one of its files, as it is, with what an administrator does about it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly reason: string,
    /** Lines to run or to write, in order. */
    readonly remedy: readonly string[] = [],
  ) {
    super([reason, ...remedy].join('\n'));
  }
}
