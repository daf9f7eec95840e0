import { afterAll, beforeAll, expect } from '@jest/globals';
import { existsSync } from 'node:fs';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { filesBelow } from './support/files-below';
import { admission, setLevel } from './support/pod-security';
import { runAgain, runOnce } from './support/test-pod';
import { inWords, throughTheCache } from './support/through-the-cache';

const CERTS = '/etc/containerd/certs.d';

const LEVELS = [
  { namespace: 'docker-cache', workload: 'deployment', stated: 'baseline', stricter: 'restricted' },
  { namespace: 'docker-cache-nodes', workload: 'daemonset', stated: 'privileged', stricter: 'baseline' },
] as const;

describeCluster('a cache on a folder of a node', (cluster, scenario) => {
  let project: Project;
  let cache: DeployedCache;
  let etc: ReadonlyMap<string, string>;

  beforeAll(async () => {
    project = await Project.checkOut();
    await project.synth(
      'e2e-filesystem',
      'e2e-filesystem-talkative',
      'e2e-filesystem-moved',
      'e2e-filesystem-restored',
    );
    cache = new DeployedCache(cluster());
    const { machine } = cluster();
    // What an administrator wrote for another registry stays out of it.
    await machine.write(`${CERTS}/quay.io/hosts.toml`, 'server = "https://quay.io"\n');
    etc = await filesBelow(machine.path('/etc'));
  });

  afterAll(() => project.remove());

  scenario('comes up from one apply, on a folder that did not exist', async () => {
    const { kubectl, machine } = cluster();
    expect(existsSync(machine.path('/var/lib/registry'))).toBe(false);
    await kubectl.apply(project.manifest('e2e-filesystem'));
    const seconds = await cache.inUse();
    expect(existsSync(machine.path('/var/lib/registry/docker.io'))).toBe(true);
    proved(`cache and agent Ready and in use ${seconds.toFixed(1)} s after kubectl apply`);
  });

  scenario('is not changed by a second apply', async () => {
    const { kubectl } = cluster();
    const manifest = project.manifest('e2e-filesystem');
    await kubectl.apply(manifest);
    const { code, stdout, stderr } = await kubectl.try(['diff', '--server-side', '-f', manifest]);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  scenario('gives a Pod its image through the cache', async () => {
    proved(inWords(await throughTheCache(cluster(), cache, 'first:1')));
  });

  scenario('gives it again while Docker Hub is gone', async () => {
    await cluster().world.cut();
    const seconds = await runAgain(cluster(), 'first:1');
    proved(`the same image without Docker Hub after ${seconds.toFixed(1)} s`);
  });

  scenario('gives it again after the cache was made anew, while Docker Hub is gone', async () => {
    const pod = (await cache.registryPod())['metadata'].name as string;
    await cluster().kubectl.run(['-n', 'docker-cache', 'delete', 'pod', pod]);
    await cache.inUse();
    expect((await cache.registryPod())['metadata'].name).not.toBe(pod);
    const seconds = await runAgain(cluster(), 'first:1');
    await cluster().world.mend();
    proved(`a new Pod of the cache served what the old one kept, after ${seconds.toFixed(1)} s`);
  });

  scenario(
    'is admitted at the Pod Security level that each namespace states, and at no stricter one',
    async () => {
      for (const { namespace, workload, stated, stricter } of LEVELS) {
        expect(await admission(cluster(), namespace, workload)).toBe('');
        await setLevel(cluster(), namespace, stricter);
        const refusal = await admission(cluster(), namespace, workload);
        await setLevel(cluster(), namespace, stated);
        expect(refusal).toContain(`violates PodSecurity "${stricter}:latest"`);
      }
      proved('baseline admits the cache and privileged the agent; restricted and baseline refuse them');
    },
  );

  scenario('is not missed when it has no Pod, and used again when it has one', async () => {
    const { machine, world } = cluster();
    const files = await filesBelow(machine.path(CERTS));
    await world.publish('library/second:1');
    await cache.scale(0);
    await cache.registryGone();
    const gone = Date.now();
    const fallback = await runOnce(cluster(), 'second:1');
    expect(fallback).toBeLessThan(10);
    await cache.untilNodeIs('withdrawn');
    await cache.untilAgentIs('NotReady');
    const notReady = (Date.now() - gone) / 1000;
    expect([...(await filesBelow(machine.path(CERTS))).keys()]).toEqual(['quay.io/hosts.toml']);

    await cache.scale(1);
    const applied = await cache.untilNodeIs('applied');
    await cache.untilAgentIs('Ready');
    expect(await filesBelow(machine.path(CERTS))).toEqual(files);
    proved(
      `without the cache a Pod ran after ${fallback.toFixed(1)} s; the node was withdrawn and NotReady after ` +
        `${notReady.toFixed(0)} s, and applied ${applied.toFixed(0)} s after the cache was wanted again`,
    );
  });

  scenario('is started anew when it hangs, and Pods start all the while', async () => {
    const { machine, world } = cluster();
    for (let n = 1; n <= 8; n += 1) await world.publish(`library/while-hanging-${n}:1`, 100_000);
    const pid = (await machine.exec('pgrep', '-f', 'registry serve .*/config.yml$')).trim();
    await machine.exec('kill', '-STOP', pid);
    const waits = [];
    for (let n = 1; n <= 8; n += 1) waits.push(await runOnce(cluster(), `while-hanging-${n}:1`));
    await cache.untilRegistryHasRestarted();
    await cache.inUse();
    proved(
      `the cache hung and was started anew; the longest wait of 8 Pods was ${Math.max(...waits).toFixed(1)} s`,
    );
  });

  scenario('takes up another configuration without losing images or nodes', async () => {
    const { kubectl, world } = cluster();
    const before = (await cache.registryPod())['metadata'].name as string;
    await kubectl.apply(project.manifest('e2e-filesystem-talkative'));
    await cache.inUse();
    expect((await cache.registryPod())['metadata'].name).not.toBe(before);
    await world.cut();
    const seconds = await runAgain(cluster(), 'first:1');
    await world.mend();
    proved(`log level and proxy changed: a new Pod, and the old images after ${seconds.toFixed(1)} s`);
  });

  scenario('starts empty in another folder, and leaves the old one alone', async () => {
    const { kubectl, machine } = cluster();
    const old = await filesBelow(machine.path('/var/lib/registry'));
    await kubectl.apply(project.manifest('e2e-filesystem-moved'));
    await cache.inUse();
    expect(existsSync(machine.path('/var/lib/moved/docker.io'))).toBe(true);
    expect((await filesBelow(machine.path('/var/lib/moved'))).size).toBe(0);
    const bytes = await cache.blobBytes('pulled');
    await runAgain(cluster(), 'first:1');
    expect(await cache.blobBytes('pulled')).toBeGreaterThan(bytes);
    expect(await filesBelow(machine.path('/var/lib/registry'))).toEqual(old);
    proved(`a new folder starts empty; ${old.size} files of the old one are as they were`);
  });

  scenario('leaves every file of the node as it was, and Pods that pull', async () => {
    const { kubectl, machine, world } = cluster();
    await kubectl.apply(project.manifest('e2e-filesystem-restored'));
    await cache.ready();
    expect(await cache.nodeState()).toBe('restored');
    expect(await filesBelow(machine.path('/etc'))).toEqual(etc);
    await kubectl.run(['delete', 'namespace', 'docker-cache', 'docker-cache-nodes', '--wait']);
    await world.publish('library/after:1');
    const seconds = await runOnce(cluster(), 'after:1');
    expect(await filesBelow(machine.path('/etc'))).toEqual(etc);
    proved(`${etc.size} files below /etc are as they were before; a Pod ran after ${seconds.toFixed(1)} s`);
  });
});
