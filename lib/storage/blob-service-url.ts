/** The URL of an account's blob service. */
export function blobServiceUrl(options: {
  readonly accountName: string;
  readonly realm?: string;
  readonly serviceUrl?: string;
}): string {
  return options.serviceUrl ?? `https://${options.accountName}.blob.${options.realm ?? 'core.windows.net'}`;
}
