import { provider } from '@pulumi/pulumi';
import { appendFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';

/**
 * A provider that makes nothing and writes down what it is told to make, for the real engine:
 * `stub-provider.ts NAME VERSION CALLS_FILE ENGINE`. What it answers with comes from the environment.
 */
const [name = '', version = '', callsFile = '', ...args] = process.argv.slice(2);

type Properties = Readonly<Record<string, unknown>>;

function record(call: string, urn: string, properties?: Properties): void {
  appendFileSync(callsFile, `${JSON.stringify({ provider: name, call, urn, properties })}\n`);
}

const typeOf = (urn: string) => urn.split('::')[2]?.split('$').at(-1) ?? '';

/** What a resource has besides its inputs once it is there. */
function outputs(type: string, inputs: Properties): Properties {
  switch (type) {
    case 'azure-native:storage:StorageAccount':
      return { name: inputs['accountName'] };
    case 'azure-native:managedidentity:UserAssignedIdentity':
      return {
        name: inputs['resourceName'],
        principalId: '33333333-3333-4333-8333-333333333333',
        clientId: '11111111-1111-4111-8111-111111111111',
        tenantId: '22222222-2222-4222-8222-222222222222',
      };
    default:
      return {};
  }
}

const idOf = (urn: string) => `/subscriptions/test/${urn.split('::').at(-1) ?? ''}`;

provider
  .main(
    {
      version,
      diff: async (_id, urn, { inputs: olds }: { inputs: Properties }, news: Properties) => ({
        changes: !isDeepStrictEqual(olds, news),
        // A Secret or ConfigMap that may not change is the Kubernetes provider's default; ours says it may.
        replaces: [],
        stables: typeOf(urn).startsWith('azure-native:') ? ['name'] : [],
      }),
      create: async (urn, inputs: Properties) => {
        record('create', urn, inputs);
        return { id: idOf(urn), outs: { ...inputs, inputs, ...outputs(typeOf(urn), inputs) } };
      },
      update: async (_id, urn, _olds, inputs: Properties) => {
        record('update', urn, inputs);
        return { outs: { ...inputs, inputs, ...outputs(typeOf(urn), inputs) } };
      },
      delete: async (_id, urn) => record('delete', urn),
      invoke: async (token) => {
        record('invoke', token);
        return { outputs: { keys: [{ keyName: 'key1', value: process.env['STUB_ACCOUNT_KEY'] }] } };
      },
    },
    args,
  )
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
