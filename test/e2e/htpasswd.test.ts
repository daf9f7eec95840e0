import { afterAll, beforeAll, expect } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { findDebian } from '../support/tools';
import { outputOf } from './support/command';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { site } from './support/site';
import { runAgain, runOnce } from './support/test-pod';
import { inWords, throughTheCache } from './support/through-the-cache';
import { until } from './support/until';

/** How often a node asks with its login. */
const LOGIN_PERIOD_MS = 300_000;

describeCluster(
  'a cache for users with a password',
  (cluster, scenario) => {
    let project: Project;
    let cache: DeployedCache;
    const password = randomBytes(12).toString('hex');
    const nextPassword = randomBytes(12).toString('hex');

    const secret = (namespace: string, name: string, stringData: Record<string, string>) =>
      cluster().kubectl.create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace },
        stringData,
      });

    /** Gives the cache this password for the nodes' user, and nobody else's. */
    const setPassword = async (value: string) => {
      const line = await outputOf(findDebian('apache2-utils'), ['-niBC', '5', 'nodes'], value);
      await secret('docker-cache', 'cache-users', { htpasswd: `${line.trim()}\n` });
    };

    /** What the cache answers to the nodes' user with this password, or to nobody. */
    const status = async (value?: string) => {
      const args = ['-s', '-o', '/dev/null', '-w', '%{http_code}', '--insecure', '--config', '-'];
      const config = value === undefined ? '' : `user = "nodes:${value}"`;
      return outputOf(findDebian('curl'), [...args, `https://${site.nodeAddress}:30500/v2/`], config);
    };

    beforeAll(async () => {
      project = await Project.checkOut();
      await project.synth('e2e-filesystem', 'e2e-htpasswd');
      cache = new DeployedCache(cluster());
    });

    afterAll(() => project.remove());

    scenario(
      'takes the place of an open one, keeps its images, and asks for the login of the node',
      async () => {
        const { kubectl, world } = cluster();
        await kubectl.apply(project.manifest('e2e-filesystem'));
        await cache.inUse();
        await throughTheCache(cluster(), cache, 'open:1');

        const { cert, key } = world.authority.issue(site.nodeAddress);
        await setPassword(password);
        await secret('docker-cache', 'cache-tls', { 'tls.crt': cert, 'tls.key': key });
        await secret('docker-cache-nodes', 'cache-ca', { 'ca.crt': world.authority.cert });
        await secret('docker-cache-nodes', 'cache-login', { username: 'nodes', password });
        await kubectl.apply(project.manifest('e2e-htpasswd'));
        await cache.inUse();
        expect([await status(), await status(password)]).toEqual(['401', '200']);
        await world.cut();
        await runAgain(cluster(), 'open:1');
        await world.mend();
        proved(`over TLS and with a login: ${inWords(await throughTheCache(cluster(), cache, 'login:1'))}`);
      },
    );

    scenario(
      'is withdrawn from the node when the password is another on one side only',
      async () => {
        const pod = (await cache.registryPod())['metadata'].name as string;
        await setPassword(nextPassword);
        const takenUp = await until(async () => (await status(password)) === '401', {
          what: 'the new password is taken up',
        });
        expect(await status(nextPassword)).toBe('200');
        const exposed = await cache.untilNodeIs('withdrawn', LOGIN_PERIOD_MS + 30_000);
        expect((await cache.registryPod())['metadata'].name).toBe(pod);
        await cluster().world.publish('library/after-rotation:1');
        const seconds = await runOnce(cluster(), 'after-rotation:1');
        proved(
          `a new password was taken up after ${takenUp.toFixed(0)} s, without a new Pod; the node was withdrawn ` +
            `${exposed.toFixed(0)} s later, and until then a Pod's imagePullSecret for Docker Hub would have been shown ` +
            `to the cache; after that a Pod ran from Docker Hub after ${seconds.toFixed(1)} s`,
        );
      },
      LOGIN_PERIOD_MS + 240_000,
    );

    scenario('is used again when both sides have the same password', async () => {
      await secret('docker-cache-nodes', 'cache-login', { username: 'nodes', password: nextPassword });
      const seconds = await cache.untilNodeIs('applied', 180_000);
      const passage = await throughTheCache(cluster(), cache, 'again:1');
      proved(`applied ${seconds.toFixed(0)} s after the node had the new password; ${inWords(passage)}`);
    });
  },
  { parts: ['debian:apache2-utils', 'debian:curl'] },
);
