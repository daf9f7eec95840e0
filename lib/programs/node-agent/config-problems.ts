import type * as z from 'zod/mini';

type Issue = z.core.$ZodIssue;

/** What is wrong with a configuration, a line for each problem, with the path of its key. */
export function configProblems(issues: readonly Issue[]): string[] {
  return issues.flatMap((issue) => lines(issue, pathText(issue.path)));
}

function lines(issue: Issue, path: string): string[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${path === '' ? key : `${path}.${key}`} is not a known key; remove it`);
  }
  const what = path === '' ? 'the configuration' : path;
  if (issue.input === undefined) return [`${what} is missing; it ${expectation(issue)}`];
  const was = typeof issue.input === 'object' ? '' : ` (was ${JSON.stringify(issue.input)})`;
  return [`${what} ${expectation(issue)}${was}`];
}

function expectation(issue: Exclude<Issue, { code: 'unrecognized_keys' }>): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${article(issue.expected)}`;
    case 'invalid_value':
      return `must be ${issue.values.map((value) => JSON.stringify(value)).join(' or ')}`;
    case 'invalid_union':
      return 'must be one of the known kinds';
    case 'too_small':
      return issue.origin === 'array' ? issue.message : `must be at least ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'invalid_format':
    case 'custom':
    case 'not_multiple_of':
    case 'invalid_key':
    case 'invalid_element':
      return issue.message;
  }
}

function article(type: string): string {
  return /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
    )
    .join('');
}
