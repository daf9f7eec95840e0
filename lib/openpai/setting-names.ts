/**
 * OpenPAI's settings of its docker-cache, each with every name that its guide and its templates have for it.
 * @see https://github.com/microsoft/pai/blob/master/docs/manual/cluster-admin/how-to-set-up-docker-image-cache.md
 */
export const settingNames = {
  enabled: ['enable_docker_cache'],
  backend: ['docker_cache_storage_backend'],
  accountName: ['docker_cache_azure_account_name', 'docker_azure_account_name'],
  accountKey: ['docker_cache_azure_account_key', 'docker_azure_account_key'],
  container: ['docker_cache_azure_container_name'],
  path: ['docker_cache_fs_mount_path'],
  remoteUrl: ['docker_cache_remote_url'],
  htpasswd: ['docker_cache_htpasswd', 'docker_cache_registry_htpasswd'],
} as const;

export type SettingKey = keyof typeof settingNames;

/** All settings, in the order of the guide. */
export const settingKeys: readonly SettingKey[] = [
  'enabled',
  'backend',
  'accountName',
  'accountKey',
  'container',
  'path',
  'remoteUrl',
  'htpasswd',
];

/** Settings whose values must not be shown. */
export const secretSettings: readonly SettingKey[] = ['accountKey', 'htpasswd'];

/** The setting that a name of a file stands for. */
export function settingOfName(name: string): SettingKey | undefined {
  return settingKeys.find((key) => settingNames[key].some((known) => known === name));
}
