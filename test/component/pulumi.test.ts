import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { EngineEvent, Stack } from '@pulumi/pulumi/automation';
import {
  Access,
  AuthSecret,
  type Cluster,
  clusterApp,
  NodeRuntime,
  StorageBackend,
  Upstream,
} from '../../lib';
import { loadPrograms } from '../../lib/cli/clusters/load-programs';
import { EngineProject, type ProviderCall } from '../pulumi/engine-project';
import { describeWithTools } from '../support/tools';

// Every operation starts a CLI, a program and two providers.
jest.setTimeout(300_000);

const accountKey = Buffer.alloc(64, 'canary-account-key').toString('base64');
const password = 'canary-password-of-the-hub';
const newPassword = 'canary-password-after-it-leaked';

/** How a value would look that got away: as it is, and in base64 at each offset. */
const forms = (canary: string) => [
  canary,
  ...[0, 1, 2].map((offset) => Buffer.from(canary.slice(offset)).toString('base64').slice(0, -4)),
];

interface Variant {
  readonly logLevel?: string;
  readonly mode?: string;
  readonly nodes?: boolean;
}

const source = ({ logLevel = 'warn', mode = 'apply', nodes = true }: Variant = {}) => `
import { Access, AuthSecret, type Cluster, NodeRuntime, StorageBackend, Upstream } from '../../lib';
export default {
  name: 'engine',
  cache: {
    logLevel: '${logLevel}',
    upstreams: [Upstream.dockerHub({ credentials: AuthSecret.login('docker-hub') })],
    access: Access.open({ exposesPrivateImages: true }),
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    }),
  },
  ${nodes ? `nodes: { mode: '${mode}', pools: [{ runtime: NodeRuntime.containerd() }] },` : ''}
} satisfies Cluster;
`;

/** The same as `source()`. */
const cluster: Cluster = {
  name: 'engine',
  cache: {
    upstreams: [Upstream.dockerHub({ credentials: AuthSecret.login('docker-hub') })],
    access: Access.open({ exposesPrivateImages: true }),
    storage: StorageBackend.azureBlob({
      accountName: 'forexample',
      credentials: { type: 'accountKey', secret: AuthSecret.azureAccountKey('azure-storage') },
    }),
  },
  nodes: { mode: 'apply', pools: [{ runtime: NodeRuntime.containerd() }] },
};

describeWithTools('a stack on a real engine', ['pulumi'], () => {
  let project: EngineProject;
  let stack: Stack;
  let output = '';
  const onOutput = (text: string) => {
    output += text;
  };
  const up = () => stack.up({ onOutput, onError: onOutput, color: 'never' });
  const refusal = (operation: Promise<unknown>) =>
    operation.then(
      () => {
        throw new Error('the operation was not refused');
      },
      (error: unknown) => {
        onOutput(String(error));
        return String(error);
      },
    );
  const summary = (calls: readonly ProviderCall[]) =>
    calls.map(({ call, resource }) => `${call} ${resource}`).sort();
  const position = (calls: readonly ProviderCall[], resource: string) => {
    const index = calls.findIndex((call) => call.resource === resource);
    if (index < 0) throw new Error(`no call for ${resource}`);
    return index;
  };

  const inCache = (kind: string, name = 'docker-cache-docker-io') => `engine/${kind}/docker-cache/${name}`;
  const configMap = `kubernetes:core/v1:ConfigMap ${inCache('ConfigMap')}`;
  const deployment = `kubernetes:apps/v1:Deployment ${inCache('Deployment')}`;
  const namespace = 'kubernetes:core/v1:Namespace engine/Namespace/docker-cache';
  const daemonSet = 'kubernetes:apps/v1:DaemonSet engine/DaemonSet/docker-cache-nodes/docker-cache-nodes';

  beforeAll(async () => {
    project = new EngineProject({ STUB_ACCOUNT_KEY: accountKey });
    project.writeCluster('engine', source());
    stack = await project.createStack('engine');
    await stack.setAllConfig({
      context: { value: 'a-context' },
      'docker-hub.username': { value: 'robot' },
      'docker-hub.password': { value: password, secret: true },
    });
    await stack.setAllConfig({ 'azure.resourceGroup': { value: 'images' } }, true);
  });
  afterAll(() => project.remove());

  describe('previewed before anything is there', () => {
    const events: EngineEvent[] = [];
    beforeAll(async () => {
      await stack.preview({
        onOutput,
        onError: onOutput,
        color: 'never',
        onEvent: (event) => events.push(event),
      });
      // Pulumi's own debug messages hold every input in clear; only --debug and event logs show them.
      const shown = events.filter(({ diagnosticEvent: event }) => String(event?.severity) !== 'debug');
      onOutput(JSON.stringify(shown));
    });
    const planned = () =>
      events.flatMap(({ resourcePreEvent: event }) => (event === undefined ? [] : [event.metadata]));

    it('makes nothing', () => {
      expect(project.takeCalls()).toEqual([]);
    });

    it('shows every object of the cluster as new', async () => {
      const kinds = planned().filter(({ type }) => type.startsWith('kubernetes:'));
      expect(new Set(kinds.map(({ op }) => op))).toEqual(new Set(['create']));
      expect(kinds.map(({ urn }) => urn.split('::').at(-1))).toEqual(
        expect.arrayContaining([
          'engine/Namespace/docker-cache',
          'engine/Secret/docker-cache/azure-storage',
          'engine/Secret/docker-cache/docker-hub',
          inCache('Deployment'),
          inCache('Service'),
          'engine/DaemonSet/docker-cache-nodes/docker-cache-nodes',
        ]),
      );
    });

    it('leaves nothing of them unknown but what is in a Secret', () => {
      const unknown = planned()
        .filter(({ type }) => type.startsWith('kubernetes:'))
        .filter((metadata) =>
          JSON.stringify(metadata.new?.inputs).includes('04da6b54-80e4-46f7-96ec-b56ff0331ba9'),
        );
      expect(unknown.map(({ type }) => type).filter((type) => type !== 'kubernetes:core/v1:Secret')).toEqual(
        [],
      );
    });
  });

  describe('brought up', () => {
    let calls: readonly ProviderCall[];
    beforeAll(async () => {
      await up();
      calls = project.takeCalls();
    });

    it('gives the provider the objects that cdk8s writes', async () => {
      const programs = await loadPrograms(project.folder);
      const written = clusterApp(cluster, { programs }).charts.flatMap(
        (chart) => chart.toJson() as { kind: string; metadata: object }[],
      );
      const expected = written.map((object) =>
        object.kind === 'DaemonSet'
          ? { ...object, metadata: { ...object.metadata, annotations: { 'pulumi.com/skipAwait': 'true' } } }
          : object,
      );
      const applied = calls
        .filter(({ call, provider }) => call === 'create' && provider === 'kubernetes')
        .map(({ properties }) => properties)
        .filter((properties) => properties?.['kind'] !== 'Secret');
      expect(applied).toHaveLength(expected.length);
      expect(applied).toEqual(expect.arrayContaining(expected));
    });

    it('makes a namespace, then what Pods are made of, then the Pods', () => {
      const order = [
        namespace,
        `kubernetes:core/v1:Secret ${inCache('Secret', 'azure-storage')}`,
        deployment,
      ].map((resource) => position(calls, resource));
      expect(order).toEqual([...order].sort((a, b) => a - b));
      expect(position(calls, configMap)).toBeLessThan(position(calls, deployment));
      expect(position(calls, 'azure-native:storage:BlobContainer engine')).toBeLessThan(
        position(calls, deployment),
      );
    });

    it('asks Azure for the key once, when the account is there', () => {
      const invokes = calls.filter(({ call }) => call === 'invoke');
      expect(invokes).toHaveLength(1);
      expect(position(calls, 'azure-native:storage:StorageAccount engine')).toBeLessThan(
        calls.indexOf(invokes[0]!),
      );
    });

    it('changes nothing the second time', async () => {
      const { summary: result } = await up();
      expect(Object.keys(result.resourceChanges ?? {})).toEqual(['same']);
      expect(project.takeCalls().filter(({ call }) => call !== 'invoke')).toEqual([]);
    });

    it('changes the configuration before the Pods that read it, and nothing else', async () => {
      project.writeCluster('engine', source({ logLevel: 'info' }));
      await up();
      const changes = project.takeCalls().filter(({ call }) => call !== 'invoke');
      expect(changes.map(({ call, resource }) => `${call} ${resource}`)).toEqual([
        `update ${configMap}`,
        `update ${deployment}`,
      ]);
    });

    it('changes one Secret when one value is another', async () => {
      await stack.setConfig('docker-hub.password', { value: newPassword, secret: true });
      await up();
      const changes = project.takeCalls().filter(({ call }) => call !== 'invoke');
      expect(summary(changes)).toEqual([
        `update kubernetes:core/v1:Secret ${inCache('Secret', 'docker-hub')}`,
      ]);
    });
  });

  describe('left', () => {
    it('is not destroyed while nodes use it: nothing at all is deleted', async () => {
      expect(await refusal(stack.destroy({ onOutput, onError: onOutput, color: 'never' }))).toMatch(
        /DaemonSet.*cannot be deleted/s,
      );
      expect(project.takeCalls()).toEqual([]);
    });

    it('keeps its agents when the nodes vanish from its data', async () => {
      project.writeCluster('engine', source({ logLevel: 'info', nodes: false }));
      expect(await refusal(up())).toMatch(/DaemonSet.*cannot be deleted/s);
      expect(project.takeCalls().filter(({ call }) => call !== 'invoke')).toEqual([]);
    });

    it('is destroyed once the nodes are put back, Pods first and namespaces last', async () => {
      project.writeCluster('engine', source({ logLevel: 'info', mode: 'restore' }));
      await up();
      const restore = project.takeCalls().filter(({ call }) => call !== 'invoke');
      expect(restore.map(({ resource }) => resource)).toContain(daemonSet);
      await stack.destroy({ onOutput, onError: onOutput, color: 'never' });
      const calls = project.takeCalls();
      expect(new Set(calls.map(({ call }) => call))).toEqual(new Set(['delete']));
      expect(position(calls, deployment)).toBeLessThan(position(calls, configMap));
      expect(position(calls, configMap)).toBeLessThan(position(calls, namespace));
      const { deployment: state } = await stack.exportStack();
      expect((state as { resources?: unknown[] }).resources ?? []).toEqual([]);
    });
  });

  describe('afterwards', () => {
    it.each([accountKey, password, newPassword])(
      'holds no %# of its secrets in any file or output',
      (canary) => {
        expect(output).toContain('engine/Secret/docker-cache/docker-hub');
        const texts = [['the output', output], ...project.keptFiles()] as const;
        const leaks = texts.filter(([, text]) => forms(canary).some((form) => text.includes(form)));
        expect(leaks.map(([place]) => place)).toEqual([]);
      },
    );
  });

  it('lists the clusters when a stack has the name of none', async () => {
    const other = await project.createStack('nosuch');
    expect(await refusal(other.preview({ color: 'never' }))).toContain(
      'no cluster is named nosuch; there are: azure, azure-identity, custom-registry, engine, filesystem',
    );
  });
});
