import type { Config } from '@pulumi/pulumi';
import type { AuthSecret, AuthSecretKind } from '../auth-secret';
import type { SecretFinding } from '../secret-values/secret-check';
import { type SecretKind, secretKinds } from '../secret-values/secret-kinds';
import type { TlsCheckOptions } from '../secret-values/tls';
import { isEncrypted, setSecret, type SettingProblem, settingValue } from './setting';

/** Names of the kinds in the list of checks. */
const kindNames: Readonly<Record<AuthSecretKind, string>> = {
  htpasswd: 'htpasswd',
  azureAccountKey: 'azure-account-key',
  azureIdentity: 'azure-identity',
  login: 'login',
  tls: 'tls',
  ca: 'ca',
};

/** Values that may stand in clear in a stack's file. */
const publicValues: readonly string[] = ['certificate', 'clientId', 'tenantId', 'username'];

/** Values of several lines. */
const fileValues: readonly string[] = ['certificate', 'htpasswd', 'privateKey'];

function command(setting: string): string {
  const value = setting.slice(setting.lastIndexOf('.') + 1);
  return setSecret(setting, fileValues.includes(value) ? 'file' : 'line');
}

/** The values of a Secret as a stack's settings have them, checked. */
export interface SecretSettings {
  /** The values by the names that their kind has for them; empty when there is a problem. */
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly SettingProblem[];
  readonly warnings: readonly SettingProblem[];
}

function kindOf(secret: AuthSecret): SecretKind {
  const kind = secretKinds.get(kindNames[secret.kind]);
  if (kind === undefined) throw new Error(`no check is known for Secrets of kind ${secret.kind}`);
  return kind;
}

/** Names of the settings that hold the values of a Secret: `cache-users.htpasswd`. */
export function secretSettingNames(secret: AuthSecret): readonly string[] {
  return kindOf(secret).values.map((value) => `${secret.name}.${value}`);
}

/** Reads and checks the values of a Secret; no message holds any of them. */
export async function secretSettings(
  config: Config,
  secret: AuthSecret,
  options: TlsCheckOptions,
): Promise<SecretSettings> {
  const kind = kindOf(secret);
  const settings = secretSettingNames(secret);
  const texts = await Promise.all(settings.map((setting) => settingValue(config, setting)));
  const parts = kind.values.map((value, index) => ({
    value,
    setting: `${secret.name}.${value}`,
    text: texts[index],
  }));

  const missing = parts.filter(({ text }) => text === undefined);
  const clear = parts.filter(
    ({ value, setting, text }) =>
      text !== undefined && !publicValues.includes(value) && !isEncrypted(config, setting),
  );
  const unusable: readonly SettingProblem[] = [
    ...missing.map(({ setting }) => ({
      setting,
      problem: `is missing (${kind.about})`,
      remedy: `set it: ${command(setting)}`,
    })),
    ...clear.map(({ setting }) => ({
      setting,
      problem: "stands in clear in the stack's file",
      remedy: `take a new one and set it: ${command(setting)}`,
    })),
  ];
  if (unusable.length > 0) return { values: {}, problems: unusable, warnings: [] };

  const found = kind.check(
    texts.map((text) => text ?? ''),
    options,
  );
  const asProblem = ({ value, line, problem, remedy }: SecretFinding): SettingProblem => {
    const setting = `${secret.name}.${value}`;
    return {
      setting,
      problem: line === undefined ? `is refused: ${problem}` : `is refused: line ${line}: ${problem}`,
      remedy: `${remedy}; then ${command(setting)}`,
    };
  };
  const values = Object.fromEntries(parts.map(({ value, text }) => [value, text ?? '']));
  return {
    values: found.problems.length > 0 ? {} : values,
    problems: found.problems.map(asProblem),
    warnings: found.warnings.map(asProblem),
  };
}
