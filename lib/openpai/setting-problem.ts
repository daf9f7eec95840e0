/** One thing that is wrong with an OpenPAI file, or worth a warning; it never holds a secret. */
export interface SettingProblem {
  /** The line of the file, from 1. */
  readonly line?: number;
  /** The setting's name as the file has it. */
  readonly setting?: string;
  /** What is wrong: a clause that follows the setting's name. */
  readonly problem: string;
  /** The value that is there; left out where it may be a secret. */
  readonly value?: string;
  readonly remedy: string;
}

/** A problem as one line that begins with the name of the file that was read. */
export function settingLine(file: string, { line, setting, problem, value, remedy }: SettingProblem): string {
  const where = line === undefined ? file : `${file}:${line}`;
  const was = value === undefined ? '' : ` (was ${JSON.stringify(value)})`;
  const what = setting === undefined ? problem : `${setting} ${problem}`;
  return `${where}: ${what}${was}; ${remedy}`;
}

/** A value that a message may show: not what looks like a key or a hash, which may stand on the wrong line. */
export function shownValue(text: string): string | undefined {
  const keyLike = (text.match(/[A-Za-z0-9+/=_-]{12,}/g) ?? []).some((run) => /[A-Z]|\d.*\d.*\d/.test(run));
  return keyLike || text.includes('$') || text.includes('@') || text.length > 80 ? undefined : text;
}

/** What is wrong with a value, wherever it stands. */
export type Fault = Pick<SettingProblem, 'problem' | 'remedy'>;
