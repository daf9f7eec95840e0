import { describe, expect, it } from '@jest/globals';
import { type CachePlan, planCluster, type PlanOptions, shortcomings } from '../../lib/openpai';

const remoteUrl = 'https://registry-1.docker.io';
const azure = { type: 'azure', accountName: 'forexample', container: 'dockerregistry' } as const;
const filesystem = { type: 'filesystem', path: '/var/lib/registry' } as const;
const access = {
  host: 'cache.example.com',
  tlsSecret: 'cache-tls',
  caSecret: 'cache-ca',
  loginSecret: 'cache-login',
};
const master = { hostname: 'pai-master', address: '10.0.0.1' };
const options: PlanOptions = { name: 'openpai', runtime: 'docker', access: {} };

describe('the plan of a cluster', () => {
  const inFolder = { storage: filesystem, remoteUrl, withUsers: false };
  const withUsers = { storage: azure, remoteUrl, withUsers: true };

  it.each<[string, Partial<PlanOptions>, CachePlan['storage'], readonly string[]]>([
    [
      'the first master of the layout',
      { master },
      { ...filesystem, node: 'pai-master' },
      ['http://10.0.0.1:30500'],
    ],
    ['the node that is named', { node: 'node-7' }, { ...filesystem, node: 'node-7' }, []],
    [
      'the node that is named rather than the master, which is taken over from',
      { node: 'node-7', master },
      { ...filesystem, node: 'node-7' },
      ['http://10.0.0.1:30500'],
    ],
  ])('keeps the images on %s', (_, more, storage, replaces) => {
    expect(planCluster(inFolder, { ...options, ...more })).toEqual({
      name: 'openpai',
      runtime: 'docker',
      remoteUrl,
      storage,
      replaces,
      nodePort: undefined,
      users: undefined,
    });
  });

  it('is not made without a node for the images', () => {
    expect(planCluster(inFolder, options)).toEqual({
      gaps: [{ kind: 'node', missing: ['--layout', '--node'] }],
    });
  });

  const store = '--image-store containerd (or --runtime containerd)';
  it.each<[string, Partial<PlanOptions>, readonly string[]]>([
    ['anything', {}, ['--host', '--tls-secret', '--ca-secret', '--login-secret', store]],
    ['a runtime that sends a login', { access }, [store]],
    [
      'two of its Secrets',
      {
        runtime: 'docker-containerd-store',
        access: { ...access, caSecret: undefined, tlsSecret: undefined },
      },
      ['--tls-secret', '--ca-secret'],
    ],
  ])('is not made for users without %s', (_, more, missing) => {
    expect(planCluster(withUsers, { ...options, ...more })).toEqual({ gaps: [{ kind: 'access', missing }] });
  });

  it('names everything that is missing at once', () => {
    const settings = { ...inFolder, withUsers: true };
    const kinds = (found: ReturnType<typeof planCluster>) =>
      'gaps' in found ? found.gaps.map(({ kind }) => kind) : [];
    expect(kinds(planCluster(settings, options))).toEqual(['node', 'access']);
  });

  it('has users where their runtime logs in', () => {
    expect(planCluster(withUsers, { ...options, runtime: 'containerd', access })).toMatchObject({
      storage: azure,
      users: access,
    });
  });
});

describe("what is told of OpenPAI's own docker-cache", () => {
  const base = { name: 'openpai', runtime: 'docker', replaces: [], remoteUrl } as const;
  const inFolder: CachePlan = { ...base, storage: { ...filesystem, node: 'node-1' } };
  const inAzure: CachePlan = { ...base, storage: azure };
  const about = (plan: CachePlan, names = {}) => shortcomings(plan, names).map(({ there }) => there);

  it('is that a file system keeps nothing', () => {
    expect(about(inFolder)).toContain(
      'nothing is mounted at /var/lib/registry: the images are gone with the Pod',
    );
    expect(about(inAzure).join()).not.toContain('mounted');
  });

  it('is that the key is in a ConfigMap, and that the spelling of the list is read by nothing', () => {
    const names = { accountName: 'docker_azure_account_name', accountKey: 'docker_azure_account_key' };
    expect(about(inAzure, names)).toEqual(
      expect.arrayContaining([
        "docker_azure_account_name and docker_azure_account_key: nothing reads the spelling of the guide's list, so it stays empty",
        "the account's key stands in clear in a ConfigMap of the namespace default",
      ]),
    );
    expect(about(inAzure, { accountName: 'docker_cache_azure_account_name' }).join()).not.toContain(
      'stays empty',
    );
  });

  it('is that users were never asked for a password, whatever the setting is called', () => {
    const withUsers = { ...inAzure, users: access };
    const open = /docker_cache_htpasswd is read by nothing .* the cache is open to everybody/;
    const useless = /dockerd sends none to a mirror/;
    expect(about(withUsers, { htpasswd: 'docker_cache_htpasswd' }).join('\n')).toMatch(open);
    expect(about(withUsers, { htpasswd: 'docker_cache_registry_htpasswd' }).join('\n')).not.toMatch(open);
    expect(about(withUsers).join('\n')).toMatch(useless);
    expect(about(inAzure).join('\n')).not.toMatch(useless);
  });

  it('is five things in every case, each with its answer', () => {
    const found = shortcomings(inFolder, {});
    expect(found).toHaveLength(6);
    expect(found.every(({ here }) => here.length > 10)).toBe(true);
  });
});
