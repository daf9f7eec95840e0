import * as z from 'zod/mini';
import type { Problem } from '../problem';
import { defaultContainer } from '../storage/azure-blob';
import { defaultHostPath } from '../storage/host-path';
import { dockerHubHost, publicServer } from '../upstream';
import { accountNameProblems, containerNameProblems } from '../validation/azure-names';
import { hostPathProblems } from '../validation/host-path';
import { remoteUrlFault } from './remote-url';
import { readAccountKey, readHtpasswd } from './secret-faults';
import type { SettingKey } from './setting-names';
import type { Fault } from './setting-problem';

/** A text whose faults are told as they are. */
function text(faults: (value: string) => readonly Fault[]) {
  return z.string().check((context) => {
    for (const { problem, remedy } of faults(context.value)) {
      context.issues.push({ code: 'custom', input: context.value, params: { problem, remedy } });
    }
  });
}

function named(name: string, value: string, problems: readonly Problem[]): readonly Fault[] {
  return value === '' ? [{ problem: 'is empty', remedy: `write ${name}` }] : problems;
}

const common = {
  remoteUrl: z._default(
    text((value) => [remoteUrlFault(value)].filter((fault) => fault !== undefined)),
    publicServer(dockerHubHost),
  ),
  htpasswd: z._default(
    text((value) => (value === '' ? [] : readHtpasswd(value).faults)),
    '',
  ),
};

const azure = z.object({
  ...common,
  backend: z.literal('azure'),
  accountName: text((value) => named('the name of the storage account', value, accountNameProblems(value))),
  accountKey: text((value) => readAccountKey(value).faults),
  container: z._default(
    text((value) =>
      named(`a container's name, like ${defaultContainer}`, value, containerNameProblems(value)),
    ),
    defaultContainer,
  ),
});

const filesystem = z.object({
  ...common,
  backend: z.literal('filesystem'),
  path: z._default(
    text((value) =>
      named(`a folder, like ${defaultHostPath}`, value, hostPathProblems({ node: 'node', path: value })),
    ),
    defaultHostPath,
  ),
});

/** OpenPAI's settings with its defaults; those of the backend that is not chosen are left out. */
export const settingsSchema = z.discriminatedUnion('backend', [azure, filesystem]);

export type ParsedSettings = z.infer<typeof settingsSchema>;

/** What an issue says about the setting of its path. */
export function faultOf(issue: z.core.$ZodIssue, written: boolean): Fault {
  if (issue.code === 'custom') {
    const { problem, remedy }: { problem?: unknown; remedy?: unknown } = issue.params ?? {};
    return { problem: String(problem), remedy: String(remedy) };
  }
  if (issue.code === 'invalid_union') {
    return { problem: 'is not a backend of OpenPAI', remedy: 'write azure or filesystem' };
  }
  return written
    ? { problem: 'is not text', remedy: 'put its value in quotes' }
    : { problem: 'is missing, and the azure backend needs it', remedy: 'add it, or choose filesystem' };
}

/** The setting that an issue is about. */
export function settingOfIssue({ path }: z.core.$ZodIssue): SettingKey {
  const keys: readonly SettingKey[] = [
    'accountName',
    'accountKey',
    'container',
    'path',
    'remoteUrl',
    'htpasswd',
  ];
  return keys.find((key) => key === path[0]) ?? 'backend';
}
