import type { Problem } from '../problem';

const rules =
  'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage';

/** Azure's rule for the name of a storage account. */
export function accountNameProblems(accountName: string): Problem[] {
  if (/^[a-z0-9]{3,24}$/.test(accountName)) return [];
  return [
    {
      property: 'accountName',
      problem: 'is not a name that Azure accepts for a storage account',
      value: accountName,
      remedy: `use 3 to 24 lower-case letters and digits (${rules})`,
    },
  ];
}

/** Azure's rule for the name of a blob container. */
export function containerNameProblems(container: string): Problem[] {
  if (/^[a-z0-9](?:-?[a-z0-9]){2,62}$/.test(container) && container.length <= 63) return [];
  return [
    {
      property: 'container',
      problem: 'is not a name that Azure accepts for a blob container',
      value: container,
      remedy: `use 3 to 63 lower-case letters, digits and single dashes between them (${rules})`,
    },
  ];
}

/** A service URL that the registry can use; a realm is a DNS suffix, and one of the two is enough. */
export function serviceUrlProblems(options: {
  readonly realm?: string;
  readonly serviceUrl?: string;
}): Problem[] {
  const problems: Problem[] = [];
  const { realm, serviceUrl } = options;
  if (realm !== undefined && !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(realm)) {
    problems.push({
      property: 'realm',
      problem: 'is not a DNS suffix',
      value: realm,
      remedy: 'write it like core.chinacloudapi.cn, or leave it out for core.windows.net',
    });
  }
  if (realm !== undefined && serviceUrl !== undefined) {
    problems.push({
      property: 'realm',
      problem: 'is never used beside serviceUrl',
      value: realm,
      remedy: 'keep one of the two',
    });
  }
  if (serviceUrl !== undefined && !isServiceUrl(serviceUrl)) {
    problems.push({
      property: 'serviceUrl',
      problem: 'is not the URL of a blob service',
      value: serviceUrl,
      remedy: 'write it like https://forexample.blob.core.windows.net, without user, query or fragment',
    });
  }
  return problems;
}

function isServiceUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.search === '' && url.hash === '';
}
