import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { findDebian } from '../support/tools';
import { outputOf } from './support/command';
import { DeployedCache } from './support/deployed-cache';
import { describeCluster, proved } from './support/describe-cluster';
import { Project } from './support/project';
import { site } from './support/site';
import { runOnce } from './support/test-pod';
import { inWords, throughTheCache } from './support/through-the-cache';
import { until } from './support/until';

describeCluster(
  'a cache for users with a password',
  (cluster) => {
    let project: Project;
    let cache: DeployedCache;
    const password = randomBytes(12).toString('hex');

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
      await secret('docker-cache', 'cache-users', { htpasswd: line.trim() + '\n' });
    };

    /** What the cache answers to the nodes' first password. */
    const status = async () =>
      (
        await outputOf(
          'curl',
          [
            ...['-s', '-o', '/dev/null', '-w', '%{http_code}', '--insecure', '-K', '-'],
            `https://${site.nodeAddress}:30500/v2/`,
          ],
          `user = "nodes:${password}"`,
        )
      ).trim();

    beforeAll(async () => {
      project = await Project.checkOut();
      await project.synth('e2e-htpasswd');
      cache = new DeployedCache(cluster());
    });

    afterAll(() => project.remove());

    it('gives a Pod its image to the login of its node, over TLS', async () => {
      const { kubectl, world } = cluster();
      const { cert, key } = world.authority.issue(site.nodeAddress);
      await kubectl.apply(project.manifest('e2e-htpasswd'));
      await setPassword(password);
      await secret('docker-cache', 'cache-tls', { 'tls.crt': cert, 'tls.key': key });
      await secret('docker-cache-nodes', 'cache-ca', { 'ca.crt': world.authority.cert });
      await secret('docker-cache-nodes', 'cache-login', { username: 'nodes', password });
      await cache.ready();
      expect(
        await outputOf('curl', [
          '-s',
          '-o',
          '/dev/null',
          '-w',
          '%{http_code}',
          '--insecure',
          `https://${site.nodeAddress}:30500/v2/`,
        ]),
      ).toBe('401');
      proved(inWords(await throughTheCache(cluster(), cache, 'login:1')));
    });

    it('is withdrawn from the node when the password is another on one side only', async () => {
      const pod = (await cache.registryPod())['metadata'].name as string;
      await setPassword(randomBytes(12).toString('hex'));
      const takenUp = await until(async () => (await status()) === '401', {
        what: 'the new password is taken up',
      });
      const withdrawn = await cache.untilNodeIs('withdrawn');
      expect((await cache.registryPod())['metadata'].name).toBe(pod);
      await cluster().world.publish('library/after-rotation:1');
      const seconds = await runOnce(cluster(), 'after-rotation:1');
      proved(
        `a new password was taken up after ${takenUp.toFixed(0)} s without a new Pod; withdrawn ${withdrawn.toFixed(1)} s ` +
          `later, and for so long a Pod with an imagePullSecret would have shown it to the cache; then a Pod ran from ` +
          `Docker Hub after ${seconds.toFixed(1)} s`,
      );
    });

    it('is used again when both sides have the same password', async () => {
      await setPassword(password);
      const seconds = await cache.untilNodeIs('applied');
      proved(
        `applied ${seconds.toFixed(0)} s after the old password was back; ${inWords(await throughTheCache(cluster(), cache, 'again:1'))}`,
      );
    });
  },
  { parts: ['debian:apache2-utils', 'debian:curl'] },
);
