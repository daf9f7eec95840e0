import type { Config, Output } from '@pulumi/pulumi';
import { type AzureSettings, parseAzureSettings } from './azure-settings';
import { isEncrypted, setSecret, type SettingProblem, settingValue } from './setting';

/** What a stack says about itself, besides the values of its Secrets. */
export interface StackSettings {
  /** Content or path of a kubeconfig. @default what kubectl reads */
  readonly kubeconfig?: Output<string>;
  /** Context of the kubeconfig. @default its current one */
  readonly context?: string;
  /** Takes over objects that were applied by other means, for once. */
  readonly takeOver: boolean;
  /** The storage account to make. @default the account is there already */
  readonly azure?: AzureSettings;
  /** Secrets that others keep in the cluster. */
  readonly existingSecrets: readonly string[];
}

/** Names of these settings. */
export const stackSettingNames: readonly string[] = [
  'kubeconfig',
  'context',
  'takeOver',
  'azure',
  'existingSecrets',
];

type Read<Settings> = { readonly value: Settings; readonly problems: readonly SettingProblem[] };

async function readConnection(config: Config): Promise<Read<Pick<StackSettings, 'kubeconfig' | 'context'>>> {
  const context = config.get('context');
  const kubeconfig = config.getSecret('kubeconfig');
  const text = await settingValue(config, 'kubeconfig');
  const problems: SettingProblem[] = [];
  if (context === undefined && text === undefined) {
    problems.push({
      setting: 'context',
      problem: 'is missing, and the current context may be another cluster',
      remedy: 'set it: pulumi config set context NAME (kubectl config get-contexts lists them)',
    });
  }
  if (text?.includes('\n') === true && !isEncrypted(config, 'kubeconfig')) {
    problems.push({
      setting: 'kubeconfig',
      problem: "stands in clear in the stack's file",
      remedy: `set its path alone, or the whole file with: ${setSecret('kubeconfig', 'file')}`,
    });
  }
  return { value: { context, kubeconfig }, problems };
}

/** The value of a setting that `pulumi config set --path` made: JSON. */
async function readObject(config: Config, setting: string): Promise<unknown> {
  const text = await settingValue(config, setting);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    // As a text it is none of the types that follow, which is what its user must be told.
    return text;
  }
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Reads a stack's settings and says everything that is wrong with them. */
export async function readStackSettings(config: Config): Promise<Read<StackSettings>> {
  const connection = await readConnection(config);
  const problems = [...connection.problems];
  const takeOver = config.get('takeOver') ?? 'false';
  if (takeOver !== 'true' && takeOver !== 'false') {
    const remedy = 'set it to true for one pulumi up, then remove it: pulumi config rm takeOver';
    problems.push({ setting: 'takeOver', problem: 'is neither true nor false', remedy });
  }
  const existingSecrets = (await readObject(config, 'existingSecrets')) ?? [];
  if (!isTexts(existingSecrets)) {
    const remedy = "set one at a time: pulumi config set --path 'existingSecrets[0]' NAME";
    problems.push({ setting: 'existingSecrets', problem: 'is not a list of names', remedy });
  }
  const azureValue = await readObject(config, 'azure');
  const azure = azureValue === undefined ? { problems: [] } : parseAzureSettings(azureValue);
  problems.push(...azure.problems);
  return {
    value: {
      ...connection.value,
      takeOver: takeOver === 'true',
      existingSecrets: isTexts(existingSecrets) ? existingSecrets : [],
      azure: 'azure' in azure ? azure.azure : undefined,
    },
    problems,
  };
}
