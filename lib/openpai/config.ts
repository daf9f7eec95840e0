import { remoteUrlOf, remoteUrlWarning } from './remote-url';
import { readAccountKey, readHtpasswd, type SecretReading } from './secret-faults';
import { SecretText } from './secret-text';
import type { Fault, SettingProblem } from './setting-problem';
import { type SettingKey, settingOfName } from './setting-names';
import type { UsedNames } from './shortcomings';
import { faultOf, type ParsedSettings, settingOfIssue, settingsSchema } from './settings-schema';
import { problemOf, type WrittenSetting, writtenSettings } from './written-settings';

/** What OpenPAI's docker-cache was told, without the values of Secrets. */
export interface OpenpaiSettings {
  readonly storage:
    | { readonly type: 'azure'; readonly accountName: string; readonly container: string }
    | { readonly type: 'filesystem'; readonly path: string };
  /** URL that images are downloaded from, without a slash at its end. */
  readonly remoteUrl: string;
  /** Whether the cache is for users with a password. */
  readonly withUsers: boolean;
}

/** The values of Secrets that a `config.yaml` holds. */
export interface OpenpaiSecrets {
  readonly accountKey?: SecretText;
  /** The htpasswd file itself. */
  readonly htpasswd?: SecretText;
}

/** What a `config.yaml` says about the docker-cache. */
export type OpenpaiConfig =
  | {
      readonly state: 'enabled';
      readonly settings: OpenpaiSettings;
      readonly secrets: OpenpaiSecrets;
      /** The names that the file has for its settings. */
      readonly names: UsedNames;
      readonly warnings: readonly SettingProblem[];
    }
  | { readonly state: 'disabled'; readonly reason: string }
  | { readonly state: 'invalid'; readonly problems: readonly SettingProblem[] };

function disabledReason(enabled: WrittenSetting | undefined): string | undefined {
  const turnOn = 'write enable_docker_cache: true';
  if (enabled === undefined || enabled.value === null) {
    return `enable_docker_cache is not set, so OpenPAI makes no cache; ${turnOn}`;
  }
  if (enabled.value !== false) return undefined;
  const at = enabled.line === undefined ? '' : ` in line ${enabled.line}`;
  return `enable_docker_cache is false${at}, so OpenPAI makes no cache; ${turnOn}`;
}

function secretReadings(parsed: ParsedSettings): readonly (readonly [SettingKey, SecretReading])[] {
  return [
    ...(parsed.backend === 'azure' ? [['accountKey', readAccountKey(parsed.accountKey)] as const] : []),
    ...(parsed.htpasswd === '' ? [] : [['htpasswd', readHtpasswd(parsed.htpasswd)] as const]),
  ];
}

function settingsOf(parsed: ParsedSettings): OpenpaiSettings {
  return {
    storage:
      parsed.backend === 'azure'
        ? { type: 'azure', accountName: parsed.accountName, container: parsed.container }
        : { type: 'filesystem', path: parsed.path },
    remoteUrl: remoteUrlOf(parsed.remoteUrl),
    withUsers: parsed.htpasswd !== '',
  };
}

/** Reads the docker-cache's settings from the text of a `config.yaml`: pure, and no message holds a secret. */
export function readOpenpaiConfig(text: string): OpenpaiConfig {
  const { settings: written, problems } = writtenSettings(text);
  const enabled = written.get('enabled');
  const isUnclear = problems.some(
    ({ setting }) => setting === undefined || settingOfName(setting) === 'enabled',
  );
  const reason = isUnclear ? undefined : disabledReason(enabled);
  if (reason !== undefined) return { state: 'disabled', reason };

  const tell = (key: SettingKey, fault: Fault) => problemOf(written, key, fault);
  const notBoolean =
    enabled === undefined || typeof enabled.value === 'boolean'
      ? []
      : [
          tell('enabled', {
            problem: 'is neither true nor false, so OpenPAI stays off without a word',
            remedy: 'write enable_docker_cache: true, without quotes',
          }),
        ];
  const said = [...written].filter(([, { value }]) => value !== null);
  const parsed = settingsSchema.safeParse({
    backend: 'azure',
    ...Object.fromEntries(said.map(([key, { value }]) => [key, value ?? []])),
  });
  const found = parsed.success
    ? []
    : parsed.error.issues.map((issue) => {
        const key = settingOfIssue(issue);
        return tell(key, faultOf(issue, written.has(key)));
      });
  // In a file that is no YAML nothing is missing.
  const all = [...problems, ...notBoolean, ...(written.size === 0 ? [] : found)];
  if (!parsed.success || all.length > 0) {
    return { state: 'invalid', problems: all.toSorted((one, other) => (one.line ?? 0) - (other.line ?? 0)) };
  }
  const readings = new Map(secretReadings(parsed.data));
  const settings = settingsOf(parsed.data);
  const hub = remoteUrlWarning(settings.remoteUrl);
  const secret = (key: SettingKey) => {
    const reading = readings.get(key);
    return reading && new SecretText(reading.text);
  };
  return {
    state: 'enabled',
    settings,
    names: Object.fromEntries(said.map(([key, { name }]) => [key, name])),
    secrets: { accountKey: secret('accountKey'), htpasswd: secret('htpasswd') },
    warnings: [
      ...[...readings].flatMap(([key, { warnings }]) => warnings.map((warning) => tell(key, warning))),
      ...(hub === undefined ? [] : [tell('remoteUrl', hub)]),
    ],
  };
}
