import * as fc from 'fast-check';
import {
  clusterOfPlan,
  clusterSource,
  planCluster,
  readOpenpaiConfig,
  settingLine,
  shortcomings,
} from '../../lib/openpai';
import { problemLine } from '../../lib/problem';
import { clusterProblems } from '../../lib/validation/cluster';
import { accountKey, azureWithKey, bcryptHash, guideFilesystem, htpasswdBase64 } from './openpai-files';

type Edit = (text: string) => string;

const users = `docker_cache_htpasswd: ${htpasswdBase64}\n`;
const validFiles = [azureWithKey, guideFilesystem, azureWithKey + users, guideFilesystem + users];

const tokens = [
  ...[
    'true',
    '"true"',
    'null',
    '~',
    '[]',
    '{}',
    '0x1F',
    '1e99',
    '.nan',
    '2001-12-14',
    '!!binary x',
    '!x y',
    '"',
    "'",
  ],
  ...[
    '\t',
    '\0',
    '\r\n',
    '\n',
    '\n  ',
    ': ',
    ':',
    '- ',
    '#',
    ' #',
    '|',
    '>',
    '&a ',
    '*a',
    '<<: *a',
    '? ',
    '---\n',
    '%YAML 1.2\n',
  ],
  ...[
    'é',
    '\u{1f40b}',
    '\ufeff',
    '$',
    '@',
    '/',
    '\\',
    '{{ x }}',
    'docker_azure_account_key: x\n',
    'constructor: x\n',
  ],
];

/** A place of a text: a share of its length, and no place likelier than another. */
const place = fc.noBias(fc.nat(9_999)).map((share) => share / 10_000);
const at = (text: string, share: number) => Math.floor(share * text.length);

function withLines(change: (lines: string[]) => void): Edit {
  return (text) => {
    const lines = text.split('\n');
    change(lines);
    return lines.join('\n');
  };
}

/** Exchanges two lines, or only what follows the colons. */
function exchange(one: number, other: number, values: boolean): Edit {
  return withLines((lines) => {
    const settings = lines
      .map((line, index) => [line, index] as const)
      .filter(([line]) => line.includes('_'));
    const [first, second] = [one, other].map((share) => settings[Math.floor(share * settings.length)]);
    if (!first || !second) return;
    const [name, value = ''] = first[0].split(/: (.*)/);
    const [otherName, otherValue = ''] = second[0].split(/: (.*)/);
    lines[first[1]] = values ? `${name ?? ''}: ${otherValue}` : second[0];
    lines[second[1]] = values ? `${otherName ?? ''}: ${value}` : first[0];
  });
}

const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.tuple(place, fc.nat(12)).map(
    ([share, length]): Edit =>
      (text) =>
        text.slice(0, at(text, share)) + text.slice(at(text, share) + length),
  ),
  fc.tuple(place, fc.constantFrom(...tokens)).map(
    ([share, token]): Edit =>
      (text) =>
        text.slice(0, at(text, share)) + token + text.slice(at(text, share)),
  ),
  fc.tuple(place, fc.constantFrom(...tokens)).map(([share, token]): Edit =>
    withLines((lines) => {
      const index = Math.floor(share * lines.length);
      lines[index] = (lines[index] ?? '').replace(/: .*/, () => `: ${token}`);
    }),
  ),
  fc
    .tuple(place, place)
    .map(([from, to]): Edit =>
      withLines((lines) =>
        lines.splice(Math.floor(to * lines.length), 0, lines[Math.floor(from * lines.length)] ?? ''),
      ),
    ),
  place.map((share): Edit => withLines((lines) => lines.splice(Math.floor(share * lines.length), 1))),
  place.map((share): Edit =>
    withLines((lines) => {
      const index = Math.floor(share * lines.length);
      lines[index] = (lines[index] ?? '').replace(/^# /, '');
    }),
  ),
  fc.tuple(place, place, fc.boolean()).map(([one, other, values]) => exchange(one, other, values)),
  place.map(
    (share): Edit =>
      (text) =>
        text.slice(0, at(text, share)),
  ),
);

const window = 12;
const pieces = new Set(
  [accountKey, htpasswdBase64, bcryptHash].flatMap((secret) =>
    Array.from({ length: secret.length - window + 1 }, (_, start) => secret.slice(start, start + window)),
  ),
);

/** Whether twelve characters of a secret stand in a text. */
export function tells(text: string): boolean {
  return (text.match(/[A-Za-z0-9+/=$.]{12,}/g) ?? []).some((run) =>
    Array.from({ length: run.length - window + 1 }, (_, start) => run.slice(start, start + window)).some(
      (piece) => pieces.has(piece),
    ),
  );
}

const access = { host: 'cache.example.com', tlsSecret: 'tls', caSecret: 'ca', loginSecret: 'login' };
const master = { hostname: 'pai-master', address: '10.0.0.1' };

/** Everything that a person may see of a file, and whether it makes a cluster. */
function outcome(text: string): { readonly made: boolean; readonly shown: string } {
  const config = readOpenpaiConfig(text);
  if (config.state === 'disabled') return { made: false, shown: config.reason };
  if (config.state === 'invalid') {
    return { made: false, shown: config.problems.map((problem) => settingLine('f', problem)).join('\n') };
  }
  const options = { name: 'openpai', runtime: 'containerd', master, access } as const;
  const plan = planCluster(config.settings, options);
  if ('gaps' in plan) throw new Error('nothing is missing here');
  const told = [
    ...config.warnings.map((warning) => settingLine('f', warning)),
    ...clusterProblems(clusterOfPlan(plan)).map(problemLine),
    ...shortcomings(plan, config.names).flatMap(({ there, here }) => [there, here]),
  ];
  return {
    made: true,
    shown: [...told, clusterSource(plan, 'docker-cache'), JSON.stringify(config)].join('\n'),
  };
}

/** A valid file after one to four edits. */
export const edited = fc
  .tuple(fc.constantFrom(...validFiles), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([valid, edits]) => edits.reduce((text, change) => change(text), valid));

/**
 * Tries that many edited files, a few thousand in each second; how many made a cluster.
 * Throws with the smallest file that tells a secret, or nothing of use.
 */
export function tryEdits(numRuns: number, seed: number): number {
  let clusters = 0;
  fc.assert(
    fc.property(edited, (text) => {
      const { made, shown } = outcome(text);
      if (made) clusters += 1;
      if (tells(shown)) throw new Error('it tells a secret');
      if (/undefined|\[object|NaN"/.test(shown)) throw new Error(`it tells nothing: ${shown}`);
      if (!made && !/^(f(:\d+)?: .+; .+|enable_docker_cache .+; .+)$/m.test(shown)) throw new Error(shown);
    }),
    { numRuns, seed },
  );
  return clusters;
}
