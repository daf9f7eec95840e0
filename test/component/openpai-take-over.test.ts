import { afterEach, expect, it } from '@jest/globals';
import { clusterApp } from '../../lib';
import type { AgentConfig } from '../../lib/programs/node-agent/config';
import { cli } from '../support/cli';
import { loadSource } from '../support/load-source';
import { azureWithKey, layout } from '../support/openpai-files';
import { standInPrograms } from '../support/programs';
import type { DockerDaemon } from '../support/runtimes/docker-daemon';
import { dockerKind } from '../support/runtimes/runtime-kinds';
import { Scene } from '../support/runtimes/scene';
import { describeWithTools } from '../support/tools';

const file = '/etc/docker/daemon.json';
/** As OpenPAI's script leaves it on every node. */
const openpai = '{"exec-opts": ["native.cgroupdriver=cgroupfs"], "log-opts": {"max-size": "2g"}, ';
const mirror = '["http://10.0.0.1:30500"]';
const insecure = `"insecure-registries": ${mirror}}`;
const found = `${openpai}"registry-mirrors": ${mirror}, ${insecure}`;

/** What the agent is told by the cluster that is imported from OpenPAI's files, once a person types `apply`. */
async function importedSettings(): Promise<Pick<AgentConfig, 'runtime' | 'replaces'>> {
  const files = { 'config.yaml': azureWithKey, 'layout.yaml': layout };
  const args = ['import', 'config.yaml', '--layout', 'layout.yaml', '--node-port', '30501'];
  const { written } = await cli(args, { files });
  const cluster = loadSource(written['stacks/clusters/openpai.ts'] ?? '');
  const objects = clusterApp(cluster, { programs: standInPrograms }).charts.flatMap(
    (chart) =>
      chart.toJson() as { kind: string; metadata: { name: string }; data?: Record<string, string> }[],
  );
  const config = objects.find(
    ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'docker-cache-nodes',
  );
  const { runtime, replaces } = JSON.parse(config?.data?.['config.json'] ?? '') as AgentConfig;
  return { runtime, replaces };
}

for (const release of ['20.10', '29 classic'] as const) {
  const kind = dockerKind(release);
  describeWithTools(`a node of OpenPAI with dockerd ${release}`, ['registry', ...kind.parts], () => {
    let scene: Scene<DockerDaemon> | undefined;
    afterEach(() => scene?.close());

    it("is taken over from OpenPAI's cache without a restart, and left without it", async () => {
      scene = await Scene.open(kind, { files: { [file]: found } });
      const { pid } = scene.runtime;
      expect(await scene.runtime.mirrors()).toEqual(['http://10.0.0.1:30500/']);

      const settings = await importedSettings();
      expect(settings).toEqual({
        runtime: { type: 'docker', imageStore: 'classic' },
        replaces: ['http://10.0.0.1:30500'],
      });
      const agent = await scene.apply(settings);
      await agent.says(/"state": "applied"/);
      const ours = JSON.stringify([scene.cache.url]);
      expect(await scene.site.read(file)).toBe(`${openpai}"registry-mirrors": ${ours}, ${insecure}`);
      expect(await scene.runtime.mirrors()).toEqual([`${scene.cache.url}/`]);
      await scene.runtime.pull('docker.io/library/taken-over:latest');
      expect(scene.cache.served('library/taken-over')).not.toEqual([]);

      await agent.stop();
      expect(await scene.run('restore', settings)).toMatchObject({ code: 0 });
      expect(await scene.site.read(file)).toBe(`${openpai}${insecure}`);
      expect(await scene.runtime.mirrors()).toEqual([]);
      expect(scene.runtime.pid).toBe(pid);
      expect(scene.runtime.running).toBe(true);
    });
  });
}
