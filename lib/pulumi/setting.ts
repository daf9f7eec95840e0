import * as pulumi from '@pulumi/pulumi';

/** Something that is wrong with a stack's settings, and the command that mends it. */
export interface SettingProblem {
  /** The setting's name, as `pulumi config` has it without the project's. */
  readonly setting: string;
  readonly problem: string;
  readonly remedy: string;
}

/** A problem as one line. */
export function settingLine({ setting, problem, remedy }: SettingProblem): string {
  return `${setting} ${problem}; ${remedy}`;
}

/** Refuses a stack's settings: every problem a line, and no stack trace. */
export function refuse(stack: string, problems: readonly SettingProblem[]): void {
  if (problems.length === 0) return;
  const lines = problems.map((problem) => `${stack}: ${settingLine(problem)}`);
  throw new pulumi.RunError(lines.join('\n'));
}

/** The command that sets a value nobody may read: it asks for one line, and reads more from a file. */
export function setSecret(setting: string, kind: 'line' | 'file'): string {
  return `pulumi config set --secret ${setting}${kind === 'file' ? ' < FILE' : ''}`;
}

// Pulumi knows which settings are encrypted, and does not say so in its types.
const runtime: {
  readonly isConfigSecret?: (key: string) => boolean;
  readonly allConfig: () => Readonly<Record<string, string>>;
} = pulumi.runtime;

/** Whether a setting is encrypted in the stack's file. */
export function isEncrypted(config: pulumi.Config, setting: string): boolean {
  return runtime.isConfigSecret?.(`${config.name}:${setting}`) === true;
}

/** The names of all settings of the project. */
export function settingNames(config: pulumi.Config): readonly string[] {
  const prefix = `${config.name}:`;
  return Object.keys(runtime.allConfig())
    .filter((key) => key.startsWith(prefix))
    .map((key) => key.slice(prefix.length));
}

/** The value of a setting that is known while the program runs, be it encrypted or not. */
export function settingValue(config: pulumi.Config, setting: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const value = config.getSecret(setting);
    if (value === undefined) resolve(undefined);
    else value.apply(resolve);
  });
}
