import type { SecretCheck, SecretFinding } from './secret-check';
import { decodeBase64, hasByteOrderMark } from './value-text';

type Finding = SecretFinding<'htpasswd'>;

/** Cost of bcrypt above which a login is worth a warning: 2^10 rounds. */
const highestCheapCost = 10;
/** CPU of one check at that cost, measured on registry 3.1.2 (milliseconds); one more doubles it. */
const cpuMsAtCost10 = 68;

const makeLine = 'make the line with: htpasswd -nB USER';

function findingsOf(line: string): Pick<Finding, 'problem' | 'remedy'> | undefined {
  const colon = line.indexOf(':');
  const user = line.slice(0, Math.max(colon, 0));
  const hash = line.slice(colon + 1);
  if (colon < 0) return { problem: 'there is no ":" between user and hash', remedy: makeLine };
  if (user === '') return { problem: 'there is no user before the ":"', remedy: makeLine };
  if (user !== user.trim()) {
    return {
      problem: 'the user has a space beside it',
      remedy: 'remove the space: it counts as part of the name',
    };
  }
  if (!/^\$2[aby]\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{53}$/.test(hash)) {
    return { problem: 'the hash is not a whole bcrypt hash ($2a$, $2b$ or $2y$)', remedy: makeLine };
  }
  return undefined;
}

function costWarning(line: string): Pick<Finding, 'problem' | 'remedy'> | undefined {
  const cost = Number(/:\$2[aby]\$(\d\d)\$/.exec(line)?.[1]);
  if (!(cost > highestCheapCost)) return undefined;
  const cpuMs = cpuMsAtCost10 * 2 ** (cost - highestCheapCost);
  return {
    problem: `bcrypt cost ${cost} takes about ${cpuMs} ms of CPU whenever a request's login is checked`,
    remedy: `make the line anew with a cost of ${highestCheapCost} (${cpuMsAtCost10} ms) or less: htpasswd -nB -C ${highestCheapCost} USER`,
  };
}

/** What is the matter with the text as a whole, before its lines are worth a look. */
function wholeProblem(text: string): Pick<Finding, 'problem' | 'remedy' | 'line'> | undefined {
  if (hasByteOrderMark(text)) {
    return { line: 1, problem: 'the file begins with a byte order mark', remedy: 'write it as plain UTF-8' };
  }
  const decoded = decodeBase64(text.replace(/\s/g, ''))?.toString('utf8');
  if (decoded !== undefined && /^[^:\n]+:\$2/.test(decoded)) {
    return { problem: 'the file is base64', remedy: 'store what base64 --decode makes of it' };
  }
  return undefined;
}

/**
 * Checks a file of `user:bcrypt` lines, by the registry's own reading of it.
 * @see https://github.com/distribution/distribution/blob/v3.1.2/registry/auth/htpasswd/htpasswd.go
 */
export function checkHtpasswd(text: string): SecretCheck<'htpasswd'> {
  const whole = wholeProblem(text);
  if (whole) return { problems: [{ value: 'htpasswd', ...whole }], warnings: [] };

  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const lineOfUser = new Map<string, number>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = index + 1;
    const entry = raw.trim();
    if (entry === '' || entry.startsWith('#')) continue;
    const problem = findingsOf(entry);
    const warning = costWarning(entry);
    const user = entry.slice(0, Math.max(entry.indexOf(':'), 0));
    const first = lineOfUser.get(user);
    if (raw.endsWith('\r')) {
      const remedy = `write lines that end with a line feed alone: sed -i 's/\\r$//' FILE`;
      problems.push({ value: 'htpasswd', line, problem: 'the line ends with a carriage return', remedy });
    }
    if (problem) problems.push({ value: 'htpasswd', line, ...problem });
    else if (warning) warnings.push({ value: 'htpasswd', line, ...warning });
    if (user !== '' && first !== undefined) {
      const remedy = 'keep one of them: only the last would count';
      problems.push({ value: 'htpasswd', line, problem: `the user of line ${first} is there again`, remedy });
    }
    if (user !== '') lineOfUser.set(user, line);
  }
  if (lineOfUser.size === 0 && problems.length === 0) {
    problems.push({ value: 'htpasswd', problem: 'the file has no user', remedy: makeLine });
  }
  return { problems, warnings };
}
