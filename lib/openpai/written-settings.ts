import { isAlias, isMap, isScalar, isSeq, type Pair } from 'yaml';
import { secretSettings, settingKeys, type SettingKey, settingNames, settingOfName } from './setting-names';
import { type Fault, type SettingProblem, shownValue } from './setting-problem';
import { readYaml, type YamlFile } from './yaml-file';

/** A setting as the file has it. */
export interface WrittenSetting {
  readonly key: SettingKey;
  readonly name: string;
  readonly line: number | undefined;
  /** A scalar of YAML, or undefined for a list or a mapping. */
  readonly value: unknown;
  /** The scalar as it stands there, without quotes. */
  readonly source: string | undefined;
}

/** The settings of a file, each once. */
export interface WrittenSettings {
  readonly settings: ReadonlyMap<SettingKey, WrittenSetting>;
  readonly problems: readonly SettingProblem[];
}

function writtenSetting({ document, lineOf }: YamlFile, { key, value }: Pair): WrittenSetting | undefined {
  const name: unknown = isScalar(key) ? key.value : undefined;
  const setting = typeof name === 'string' ? settingOfName(name) : undefined;
  if (setting === undefined || typeof name !== 'string') return undefined;
  const node = isAlias(value) ? value.resolve(document) : value;
  const scalar = isScalar(node) ? node : undefined;
  return { key: setting, name, line: lineOf(key), value: scalar?.value, source: scalar?.source };
}

/** Whether two settings say the same, or one of them says nothing. */
function agree(one: WrittenSetting, other: WrittenSetting): boolean {
  return one.value === other.value || [one, other].some(({ value }) => value === '' || value === null);
}

function says({ value }: WrittenSetting): boolean {
  return value !== '' && value !== null;
}

function conflict(one: WrittenSetting, other: WrittenSetting): SettingProblem {
  const at = one.line === undefined ? '' : ` of line ${one.line}`;
  return {
    line: other.line,
    setting: other.name,
    problem:
      one.name === other.name
        ? `is there again, and differs from the one${at}`
        : `differs from ${one.name}${at}, which is another name of the same setting`,
    remedy: 'keep the one that is right',
  };
}

/** Two names for one setting: the one that says something counts, and two that differ are a problem. */
function merged(key: SettingKey, all: readonly WrittenSetting[]) {
  const ours = all.filter((setting) => setting.key === key);
  const [first, ...others] = [...ours.filter(says), ...ours.filter((setting) => !says(setting))];
  if (first === undefined) return { settings: [], problems: [] };
  const problems = others.filter((other) => !agree(first, other)).map((other) => conflict(first, other));
  return { settings: [first], problems };
}

/** The pairs at the top of a file, those that `<<` brings there too. */
function topPairs({ document, top }: YamlFile): Pair[] {
  return top.items.flatMap((pair) => {
    if (!isScalar(pair.key) || (pair.key.value !== '<<' && typeof pair.key.value !== 'symbol')) return [pair];
    const sources = isSeq(pair.value) ? pair.value.items : [pair.value];
    return sources.flatMap((source) => {
      const node = isAlias(source) ? source.resolve(document) : source;
      return isMap(node) ? node.items : [];
    });
  });
}

/** Finds OpenPAI's settings of its docker-cache in a `config.yaml`, whatever else is in it. */
export function writtenSettings(text: string): WrittenSettings {
  const file = readYaml(text);
  if ('problems' in file) return { settings: new Map(), problems: file.problems };
  const all = topPairs(file)
    .map((pair) => writtenSetting(file, pair))
    .filter((one) => one !== undefined);
  const found = settingKeys.map((key) => merged(key, all));
  return {
    settings: new Map(found.flatMap(({ settings }) => settings.map((setting) => [setting.key, setting]))),
    problems: found.flatMap(({ problems }) => problems),
  };
}

/** A problem of a setting, at its line; the value is told unless it may be a secret. */
export function problemOf(
  settings: WrittenSettings['settings'],
  key: SettingKey,
  { problem, remedy }: Fault,
): SettingProblem {
  const written = settings.get(key);
  const source = secretSettings.includes(key) || written?.source === '' ? undefined : written?.source;
  return {
    line: written?.line,
    setting: written?.name ?? settingNames[key][0],
    problem,
    value: source === undefined ? undefined : shownValue(source),
    remedy,
  };
}
