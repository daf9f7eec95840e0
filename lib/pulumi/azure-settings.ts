import * as z from 'zod/mini';
import type { SettingProblem } from './setting';

const arm =
  /^\/subscriptions\/[^/]+\/resourceGroups\/[^/]+\/providers\/Microsoft\.Network\/virtualNetworks\//i;
const ipv4 = /^\d{1,3}(\.\d{1,3}){3}(\/([0-9]|[12]\d|30))?$/;

const settings = z.strictObject({
  resourceGroup: z.string().check(z.regex(/^[-\w.()]{1,90}$/, 'the name of a resource group that exists')),
  issuer: z.optional(z.url({ protocol: /^https$/, error: "the URL of the cluster's OIDC issuer, https" })),
  sku: z.optional(z.enum(['Standard_LRS', 'Standard_ZRS'])),
  location: z.optional(z.string()),
  allowedAddresses: z.optional(
    z.array(z.string().check(z.regex(ipv4, 'a public IPv4 address, or a network up to /30'))),
  ),
  allowedSubnets: z.optional(z.array(z.string().check(z.regex(arm, 'the id of a subnet')))),
  evictAfterDays: z.optional(z.coerce.number().check(z.int(), z.gte(1))),
  onDestroy: z.optional(z.enum(['delete', 'retain', 'protect'])),
  tags: z.optional(z.record(z.string(), z.string())),
});

/** What a stack says about the storage account that it makes. */
export interface AzureSettings {
  /** The resource group, which exists. */
  readonly resourceGroup: string;
  /** OIDC issuer of the cluster, which a workload identity needs. */
  readonly issuer?: string;
  /** Copies in one datacenter, or in three zones. @default Standard_LRS */
  readonly sku?: 'Standard_LRS' | 'Standard_ZRS';
  /** @default the resource group's */
  readonly location?: string;
  /** Addresses that may reach the account, and nobody else. @default every address */
  readonly allowedAddresses?: readonly string[];
  /** Subnets that may reach the account, and nobody else. @default every network */
  readonly allowedSubnets?: readonly string[];
  /** Deletes what nobody has read for so long (days). @default nothing is deleted */
  readonly evictAfterDays?: number;
  /** What `pulumi destroy` does to the account: delete it, leave it alone, or refuse. @default delete */
  readonly onDestroy?: 'delete' | 'retain' | 'protect';
  readonly tags?: Readonly<Record<string, string>>;
}

/** Reads the `azure` setting, an object. */
export function parseAzureSettings(value: unknown): {
  readonly azure?: AzureSettings;
  readonly problems: readonly SettingProblem[];
} {
  const parsed = settings.safeParse(value);
  if (parsed.success) return { azure: parsed.data, problems: [] };
  return {
    problems: parsed.error.issues.map((issue) => {
      const setting = ['azure', ...issue.path].join('.').replace(/\.(\d+)/g, '[$1]');
      if (issue.code === 'unrecognized_keys') {
        return {
          setting: `azure.${issue.keys.join(', azure.')}`,
          problem: 'is not a setting',
          remedy: `remove it or spell it as one of ${Object.keys(settings.shape).join(', ')}`,
        };
      }
      return {
        setting,
        problem: `is not ${expectation(issue)}`,
        remedy: `set it: pulumi config set --path '${setting}' VALUE`,
      };
    }),
  };
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `a ${issue.expected}`;
  if (issue.code === 'invalid_value') return `one of ${issue.values.map(String).join(', ')}`;
  if (issue.code === 'too_small') return `${String(issue.minimum)} or more`;
  return issue.message;
}
