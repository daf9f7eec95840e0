import type { SecretCheck, SecretFinding } from './secret-check';
import { singleLineProblem } from './value-text';

/** The values of a login's Secret. */
export interface LoginValues {
  readonly username: string;
  readonly password: string;
}

type Finding = SecretFinding<keyof LoginValues>;

function spaceWarning(value: keyof LoginValues, text: string): Finding | undefined {
  if (text === text.trim()) return undefined;
  return { value, problem: 'the value has a space at its edge', remedy: 'remove it unless it is meant' };
}

/** Checks a user name and password that are sent as HTTP basic authentication. */
export function checkLogin({ username, password }: LoginValues): SecretCheck<keyof LoginValues> {
  const problems: (Finding | undefined)[] = [
    singleLineProblem('username', username),
    singleLineProblem('password', password),
  ];
  if (username.includes(':')) {
    const problem = 'the user name has a ":", where basic authentication begins the password';
    const remedy = 'store the user name alone, the password apart';
    problems.push({ value: 'username', problem, remedy });
  }
  const found = problems.filter((problem) => problem !== undefined);
  const warnings =
    found.length > 0 ? [] : [spaceWarning('username', username), spaceWarning('password', password)];
  return { problems: found, warnings: warnings.filter((warning) => warning !== undefined) };
}
