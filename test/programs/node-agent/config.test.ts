import { describe, expect, test } from '@jest/globals';
import { InvalidConfigError, parseAgentConfig } from '../../../lib/programs/node-agent/config';
import { mirrorUrl } from '../../../lib/programs/node-agent/mirror';
import { configOf, hub } from './support/test-agent';

const good = {
  version: 1,
  mode: 'apply',
  pool: 'nodes',
  runtime: { type: 'docker', imageStore: 'classic' },
  mirrors: [hub()],
};

/** The lines that a configuration is refused with. */
function problems(config: unknown, hostIp: string | null = '10.0.0.4'): readonly string[] {
  try {
    parseAgentConfig(typeof config === 'string' ? config : JSON.stringify(config), {
      HOST_IP: hostIp ?? undefined,
    });
    return [];
  } catch (error) {
    return error instanceof InvalidConfigError ? error.problems : [String(error)];
  }
}

test('a whole configuration is understood, every key of it', () => {
  const all = {
    ...good,
    hostIp: '10.0.0.1',
    runtime: {
      type: 'containerd',
      configFile: '/etc/k0s/containerd.toml',
      certsDir: '/etc/k0s/certs.d',
      colonFolder: false,
    },
    mirrors: [
      hub({
        endpoint: { type: 'url', url: 'https://cache.example.com:30500' },
        caFile: '/ca/ca.crt',
        login: { usernameFile: '/login/username', passwordFile: '/login/password' },
        probeImage: 'library/hello-world',
      }),
    ],
    replaces: ['http://10.0.0.2:30500'],
    mergeForeignFiles: true,
    probe: { interval: 30 },
    stateDir: '/var/lib/other',
    listen: { address: '::', port: 8080 },
  };
  expect(parseAgentConfig(JSON.stringify(all), {})).toEqual(all);
});

test('HOST_IP goes before the address in the file', () => {
  expect(
    parseAgentConfig(JSON.stringify({ ...good, hostIp: '10.0.0.1' }), { HOST_IP: '10.0.0.9' }).hostIp,
  ).toBe('10.0.0.9');
});

test.each([
  ['10.0.0.4', 'http://10.0.0.4:30500'],
  ['fd00::4', 'http://[fd00::4]:30500'],
])('the cache is asked at the address of the node, %s', (hostIp, url) => {
  const [mirror] = configOf({ runtime: { type: 'crio' }, hostIp }).mirrors;
  expect(mirrorUrl(mirror!.endpoint, hostIp)).toBe(url);
});

test('every problem is told at once, a line each, with the value', () => {
  expect(
    problems({
      version: 2,
      mode: 'destroy',
      pool: 'A',
      surprise: 1,
      runtime: { type: 'docker', imageStore: 'classic', restart: true },
      mirrors: [
        { ...hub(), endpoint: { type: 'nodePort', port: '3' }, caFile: '../ca', probeImage: 'UPPER' },
      ],
      probe: { interval: 0 },
    }),
  ).toEqual([
    'version must be 1 (was 2)',
    'mode must be "plan" or "apply" or "restore" (was "destroy")',
    'pool must be lower-case letters, digits and dashes (was "A")',
    'runtime.restart is not a known key; remove it',
    'mirrors[0].endpoint.port must be a number (was "3")',
    'mirrors[0].caFile must be an absolute path without ".." (was "../ca")',
    'mirrors[0].probeImage must be a repository like library/hello-world (was "UPPER")',
    'probe.interval must be at least 1 (was 0)',
    'surprise is not a known key; remove it',
  ]);
});

test('what is missing is told as missing', () => {
  expect(problems({})).toEqual([
    'version is missing; it must be 1',
    'mode is missing; it must be "plan" or "apply" or "restore"',
    'pool is missing; it must be a string',
    'runtime is missing; it must be an object',
    'mirrors is missing; it must be an array',
  ]);
});

test('text that is not JSON, and JSON that is no object, are told so', () => {
  expect(problems('{')[0]).toContain('the configuration is not JSON');
  expect(problems('[]')).toEqual(['the configuration must be an object']);
});

describe('a mirror', () => {
  function mirrorProblems(mirror: object, other: object = {}): readonly string[] {
    return problems({ ...good, ...other, mirrors: [{ ...hub(), ...mirror }] });
  }

  test.each(['_default', 'https://docker.io', 'Docker.io', '', 'docker.io/library', '../x'])(
    'for %p is refused: another registry would be served under a wrong name',
    (host) => {
      const runtime = { type: 'containerd' };
      expect(mirrorProblems({ host }, { runtime })[0]).toContain(
        `mirrors[0].host must be a registry like docker.io`,
      );
    },
  );

  test.each([
    ['10.0.0.5:5000', 'must be a URL|must begin with http'],
    ['ftp://10.0.0.5', 'must begin with http:// or https://'],
    ['http://u:p@10.0.0.5', 'must hold no user or password; use login'],
    ['http://10.0.0.5?x=1', 'must have no query and no fragment'],
    ['http://10.0.0.5/"]', 'holds a character that no URL has'],
  ])('at %s is refused', (url, reason) => {
    const lines = mirrorProblems({ endpoint: { type: 'url', url } });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(new RegExp(reason.replaceAll('?', '\\?')));
    expect(lines[0]).not.toContain('u:p');
  });

  test("of docker's classic store has no path, no login and no other registry than Docker Hub", () => {
    const login = { usernameFile: '/u', passwordFile: '/p' };
    const lines = mirrorProblems({
      host: 'quay.io',
      login,
      endpoint: { type: 'url', url: 'http://10.0.0.5/hub' },
    });
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'mirrors[0].host',
      'mirrors[0].login',
      'mirrors[0].endpoint.url',
    ]);
  });

  test('of CRI-O has no login', () => {
    const login = { usernameFile: '/u', passwordFile: '/p' };
    expect(mirrorProblems({ login }, { runtime: { type: 'crio' } })[0]).toContain(
      'CRI-O, which sends no header',
    );
  });

  test('of one registry stands once', () => {
    expect(problems({ ...good, mirrors: [hub(), hub()] })).toEqual([
      'mirrors[1].host names docker.io a second time; remove one of the two',
    ]);
  });

  test('at the node needs its address', () => {
    expect(problems(good, null)[0]).toContain('hostIp is missing; set HOST_IP');
    expect(problems(good, 'node-1')).toEqual(['hostIp must be an IP address (was "node-1")']);
    expect(
      problems({ ...good, mirrors: [hub({ endpoint: { type: 'url', url: 'http://a:5000' } })] }, null),
    ).toEqual([]);
  });
});
