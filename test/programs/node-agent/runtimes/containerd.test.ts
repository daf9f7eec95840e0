import { describe, expect, test } from '@jest/globals';
import type { RuntimeConfig } from '../../../../lib/programs/node-agent/config';
import { CertificateAuthority } from '../../../support/certificates';
import { MemoryFileSystem } from '../support/memory-file-system';
import { cacheUrl, containerdConfig, containerdDisk, hub, refused, TestAgent } from '../support/test-agent';

const config = '/etc/containerd/config.toml';
const certs = '/etc/containerd/certs.d';
const file = `${certs}/docker.io/hosts.toml`;

function agentOn(configToml: string, runtime: Partial<RuntimeConfig> = {}): TestAgent {
  const fs = new MemoryFileSystem().put(`/host${config}`, configToml).folders('/host/var/lib');
  return new TestAgent({ runtime: { type: 'containerd', ...runtime } as RuntimeConfig }, { fs });
}

describe('config_path', () => {
  test.each([
    ['version 1', '[plugins.cri.registry]\nconfig_path = "/opt/certs.d"'],
    [
      'version 2',
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "/opt/certs.d"',
    ],
    [
      'version 3',
      'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/opt/certs.d/"',
    ],
  ])('of %s says where hosts.toml goes', async (_version, text) => {
    const agent = await agentOn(text).applied();
    expect(agent.text('/opt/certs.d/docker.io/hosts.toml')).toContain(cacheUrl);
  });

  test('is found in an import', async () => {
    const agent = agentOn('version = 2\nimports = ["conf.d/*.toml"]\n');
    agent.put('/etc/containerd/conf.d/registry.toml', containerdConfig);
    agent.put('/etc/containerd/conf.d/registry.toml.bak', 'not = [toml');
    await agent.applied();
    expect(agent.text(file)).toContain(cacheUrl);
  });

  test('that differs between the configuration and an import is refused', async () => {
    const agent = agentOn(`imports = ["/etc/containerd/conf.d/*.toml"]\n${containerdConfig}`);
    agent.put('/etc/containerd/conf.d/a.toml', containerdConfig.replace('/etc/containerd', '/opt'));
    await agent.applied();
    expect(agent.mirror.reason).toContain('(/etc/containerd/certs.d, /opt/certs.d)');
  });

  test('may be hidden in an import that is not mounted: refused', async () => {
    const agent = await agentOn('version = 2\nimports = ["/opt/containerd/*.toml"]\n').applied();
    expect(agent.mirror).toMatchObject({
      state: 'refused',
      reason: '/etc/containerd/config.toml imports /opt/containerd/*.toml, which the agent does not see',
      remedy: ['set certsDir to the config_path that holds'],
    });
  });

  test.each([
    ['empty', 'version = 2\n', 'plugins."io.containerd.grpc.v1.cri".registry', 'is not set'],
    [
      'a list',
      'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d:/etc/docker/certs.d"',
      'plugins."io.containerd.cri.v1.images".registry',
      'is a list (/etc/containerd/certs.d:/etc/docker/certs.d)',
    ],
  ])('that is %s is refused with the lines and the one restart', async (_name, text, table, is) => {
    const agent = await agentOn(text).applied();
    expect(agent.mirror).toMatchObject({
      state: 'refused',
      reason: `config_path ${is} in /etc/containerd/config.toml, so containerd reads no hosts.toml`,
      remedy: [
        'set in /etc/containerd/config.toml:',
        `[${table}]`,
        '  config_path = "/etc/containerd/certs.d"',
        'then restart containerd once: systemctl restart containerd',
        'or, with containerd 2.2 and newer, set colonFolder, which needs no restart',
      ],
    });
    expect(agent.text(file)).toBeUndefined();
  });

  test('that is empty needs no restart with colonFolder: the folder that is literally meant, beside the right one', async () => {
    const agent = agentOn('version = 3\n', { colonFolder: true });
    const before = agent.fs.tree('/host');
    await agent.applied();
    expect(agent.mirror.state).toBe('applied');
    expect(agent.mirror.unverified).toContain('containerd 2.2');
    expect(agent.text('/etc/containerd/certs.d:/etc/docker/certs.d/docker.io/hosts.toml')).toBe(
      agent.text(file),
    );
    expect(agent.text(file)).toContain(cacheUrl);
    await agent.agent.restore();
    expect(agent.fs.tree('/host')).toEqual(before);
  });

  test('that is set makes colonFolder needless', async () => {
    const agent = agentOn(containerdConfig, { colonFolder: true });
    await agent.applied();
    expect(agent.mirror.unverified).toBeUndefined();
    expect(agent.fs.lstat('/host/etc/containerd/certs.d:')).toBeUndefined();
  });
});

describe('certsDir', () => {
  const certsDir = '/var/snap/microk8s/current/args/certs.d';

  test('is taken where config_path holds a variable of the packager', async () => {
    const text =
      'version = 2\n[plugins."io.containerd.grpc.v1.cri".registry]\nconfig_path = "${SNAP_DATA}/args/certs.d"';
    const agent = await agentOn(text, { certsDir }).applied();
    expect(agent.text(`${certsDir}/docker.io/hosts.toml`)).toContain(cacheUrl);
  });

  test('that is not the config_path is refused', async () => {
    const agent = await agentOn(containerdConfig, { certsDir }).applied();
    expect(agent.mirror.reason).toBe(
      `config_path in /etc/containerd/config.toml is /etc/containerd/certs.d, and certsDir is ${certsDir}`,
    );
  });

  test('is not believed where the whole configuration has no config_path', async () => {
    const agent = await agentOn('version = 2\n', { certsDir }).applied();
    expect(agent.mirror.reason).toContain('config_path is not set');
  });
});

test('mirrors in config.toml exclude hosts.toml: refused with the way out', async () => {
  const text = `version = 2
[plugins."io.containerd.grpc.v1.cri".registry.mirrors."docker.io"]
  endpoint = ["https://mirror.example"]`;
  const agent = await agentOn(text).applied();
  expect(agent.mirror.reason).toContain('has mirrors of its own (docker.io)');
  expect(agent.mirror.remedy?.join('\n')).toContain('config_path = "/etc/containerd/certs.d"');
});

test('a config.toml that is not TOML is refused, and never repaired', async () => {
  const agent = await agentOn('version = \n').applied();
  expect(agent.mirror.reason).toMatch(
    /^\/etc\/containerd\/config.toml cannot be read: it is not TOML in line 1/,
  );
});

test('integers beyond 2^53 are valid in config.toml', async () => {
  const agent = await agentOn(`oom = 9223372036854775807\n${containerdConfig}`).applied();
  expect(agent.mirror.state).toBe('applied');
});

test.each([
  ['bottlerocket', 'settings.container-registry.mirrors'],
  ['talos', 'machine.registries.mirrors'],
  ['cos', 'containerdConfig.registryHosts'],
  ['rhcos', 'ImageDigestMirrorSet'],
])('a node of %s is refused, with its own way', async (id, remedy) => {
  const agent = agentOn(containerdConfig).put('/etc/os-release', `NAME=x\nID=${id}\n`);
  await agent.applied();
  expect(agent.mirror.remedy?.[0]).toContain(remedy);
  expect(agent.text(file)).toBeUndefined();
});

describe('a hosts.toml of somebody else', () => {
  const foreign =
    '# ours\nserver = "https://registry-1.docker.io"\n\n[host."https://a.example"] # first\n  ca = "/a.crt"\n';

  function agentWith(
    text: string,
    other: Partial<ConstructorParameters<typeof TestAgent>[0]> = {},
  ): TestAgent {
    const agent = new TestAgent({ runtime: { type: 'containerd' }, ...other }, { fs: containerdDisk() });
    return agent.put(file, text);
  }

  test('is refused', async () => {
    const agent = await agentWith(foreign).applied();
    expect(agent.mirror.reason).toBe(`${file} was written by somebody else (https://a.example)`);
    expect(agent.text(file)).toBe(foreign);
  });

  test('keeps all of it when merging is asked for: ours is asked first', async () => {
    const agent = await agentWith(foreign, { mergeForeignFiles: true }).applied();
    expect(agent.text(file)).toBe(
      `# ours
server = "https://registry-1.docker.io"

# docker-cache: begin of its entry; the rest of this file is not its own
[host."${cacheUrl}"]
  capabilities = ["pull", "resolve"]
# docker-cache: end of its entry
[host."https://a.example"] # first
  ca = "/a.crt"
`,
    );
    await agent.agent.restore();
    expect(agent.text(file)).toBe(foreign);
  });

  test('keeps what is written into it later', async () => {
    const agent = await agentWith(foreign, { mergeForeignFiles: true }).applied();
    agent.put(file, `${agent.text(file)}[host."https://b.example"]\n`);
    await agent.steps(1);
    await agent.agent.restore();
    expect(agent.text(file)).toBe(`${foreign}[host."https://b.example"]\n`);
  });

  test('is replaced when all its hosts are taken over, and not brought back', async () => {
    const agent = await agentWith(foreign, { replaces: ['https://a.example/'] }).applied();
    expect(agent.text(file)).not.toContain('a.example');
    await agent.agent.restore();
    expect(agent.text(file)).toBeUndefined();
  });

  test('that no runtime reads is refused, though merging is asked for', async () => {
    const agent = await agentWith('[host."https://a.example"', { mergeForeignFiles: true }).applied();
    expect(agent.mirror.reason).toContain('is ignored by the runtime: it is not TOML');
  });

  test('that names our URL is refused: nobody could tell whose it is', async () => {
    const agent = await agentWith(`[host."${cacheUrl}/"]\n`, { mergeForeignFiles: true }).applied();
    expect(agent.mirror.reason).toContain('names http://10.0.0.4:30500 already, and not by our hand');
  });

  test('with its hosts in one line has no place for another: refused', async () => {
    const text = 'host = { "https://a.example" = { capabilities = ["pull"] } }\n';
    const agent = await agentWith(text, { mergeForeignFiles: true }).applied();
    expect(agent.mirror.reason).toContain('has no place for another host');
    expect(agent.text(file)).toBe(text);
  });

  test('of k3s is refused: it would be written again', async () => {
    const agent = await agentWith('# File generated by k3s. DO NOT EDIT.\n', {
      mergeForeignFiles: true,
    }).applied();
    expect(agent.mirror.reason).toContain('is generated by the node');
    expect(agent.mirror.remedy?.[0]).toContain('take docker.io out of registries.yaml');
  });
});

describe('_default', () => {
  const text = '[host."https://proxy.example"]\n';

  test('that serves the registry today is not hidden: refused', async () => {
    const agent = new TestAgent({ runtime: { type: 'containerd' } }, { fs: containerdDisk() });
    agent.put(`${certs}/_default/hosts.toml`, text);
    await agent.applied();
    expect(agent.mirror.reason).toContain('/_default/hosts.toml serves this registry today');
  });

  test('is kept behind ours when merging is asked for, and comes back', async () => {
    const agent = new TestAgent(
      { runtime: { type: 'containerd' }, mergeForeignFiles: true },
      { fs: containerdDisk() },
    );
    agent.put(`${certs}/_default/hosts.toml`, text);
    const before = agent.fs.tree('/host');
    await agent.applied();
    expect(agent.text(file)).toMatch(/10\.0\.0\.4[^]*proxy\.example/);
    await agent.agent.restore();
    expect(agent.fs.tree('/host')).toEqual(before);
  });
});

test('a registry with a port is written where it is read first', async () => {
  const mirrors = [hub({ host: 'reg.example:5000', server: 'https://reg.example:5000' })];
  const agent = new TestAgent({ runtime: { type: 'containerd' }, mirrors }, { fs: containerdDisk() });
  agent.fs.folders(`/host${certs}/reg.example_5000_`);
  await agent.applied();
  expect(agent.text(`${certs}/reg.example_5000_/hosts.toml`)).toContain(cacheUrl);
});

describe('an authority and a login', () => {
  const url = 'https://cache.example.com:30500';
  const mirror = hub({
    endpoint: { type: 'url', url },
    caFile: '/secret/ca.crt',
    login: { usernameFile: '/secret/username', passwordFile: '/secret/password' },
  });
  const token = Buffer.from('node:s3cret"x').toString('base64');

  function agentWithLogin(): TestAgent {
    const fs = containerdDisk().put('/secret/ca.crt', new CertificateAuthority().cert);
    fs.put('/secret/username', 'node\n').put('/secret/password', 's3cret"x\n');
    return new TestAgent({ runtime: { type: 'containerd' }, mirrors: [mirror] }, { fs });
  }

  test('go into files that only root reads: the authority first, and last to go', async () => {
    const agent = agentWithLogin();
    const changes: string[] = [];
    agent.fs.onCall = (call, path) => {
      if ((call === 'rename' || call === 'unlink') && path.startsWith('/host/etc'))
        changes.push(`${call} ${path}`);
    };
    await agent.applied();
    const authority = `${certs}/docker.io/docker-cache-ca.pem`;
    expect(agent.text(file)).toBe(
      `# Written by docker-cache, which keeps it up to date and removes it with mode "restore".
server = "https://registry-1.docker.io"

[host."${url}"]
  capabilities = ["pull", "resolve"]
  ca = "${authority}"
  [host."${url}".header]
    Authorization = "Basic ${token}"
`,
    );
    expect(agent.fs.lstat(`/host${file}`)?.mode).toBe(0o600);
    agent.answer = refused;
    await agent.steps(3);
    expect(changes).toEqual([
      `rename /host${authority}`,
      `rename /host${file}`,
      `unlink /host${file}`,
      `unlink /host${authority}`,
    ]);
  });

  test('are shown nowhere: not in plan, status, log, refusals', async () => {
    const agent = agentWithLogin();
    const plan = await agent.agent.plan();
    expect(plan).toContain('+    Authorization = "[redacted]"');
    await agent.applied();
    agent.put(file, `[host."https://a.example".header]\n  X-Token = "t0ken"\n`);
    const refusedPlan = await agent.agent.plan();
    agent.answer = { kind: 'failure', cause: 'answer', detail: `an answer with ${token} and s3cret"x` };
    await agent.steps(3);
    const shown = [plan, refusedPlan, JSON.stringify(agent.board.status), ...agent.log].join('\n');
    for (const secret of [token, 's3cret', 't0ken']) expect(shown).not.toContain(secret);
  });

  test('that change are written, and shown as changed without either value', async () => {
    const agent = await agentWithLogin().applied();
    agent.fs.put('/secret/password', 'other');
    const plan = await agent.agent.plan();
    expect(plan).toContain('# a secret value changes');
    await agent.steps(1);
    const changed = Buffer.from('node:other').toString('base64');
    expect(agent.text(file)).toContain(changed);
    expect(plan + agent.log.join('\n')).not.toContain(changed);
  });

  test('that are missing or wrong are refused by the file, without its content', async () => {
    const agent = agentWithLogin();
    agent.fs.put('/secret/ca.crt', 'nonsense');
    await agent.steps(1);
    expect(agent.mirror.reason).toBe('/secret/ca.crt holds no certificate');
    agent.fs.put('/secret/ca.crt', new CertificateAuthority().cert).delete('/secret/password');
    await agent.steps(1);
    expect(agent.mirror.reason).toBe('cannot read /secret/password: it is not there (ENOENT)');
    agent.fs.put('/secret/password', 's3cret\nmore');
    await agent.steps(1);
    expect(agent.mirror.reason).toBe('/secret/password holds more than one line');
  });
});

describe.each(['k3s', 'rke2'] as const)('%s', (type) => {
  const folder = `/var/lib/rancher/${type}/agent/etc/containerd`;

  test('has its hosts.toml in the folder that it generates', async () => {
    const fs = new MemoryFileSystem().put(
      `/host${folder}/config.toml`,
      `version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "${folder}/certs.d"\n`,
    );
    const agent = await new TestAgent({ runtime: { type } }, { fs }).applied();
    expect(agent.text(`${folder}/certs.d/docker.io/hosts.toml`)).toContain(cacheUrl);
  });

  test('that is not on the node makes it not applicable', async () => {
    const agent = await new TestAgent({ runtime: { type } }, {}).applied();
    expect(agent.mirror.state).toBe('notApplicable');
  });
});

describe('docker with the containerd image store', () => {
  const runtime = { type: 'docker', imageStore: 'containerd' } as const;
  const quay = hub({
    host: 'quay.io',
    server: 'https://quay.io',
    endpoint: { type: 'nodePort', port: 30502 },
  });

  function agentOf(imageStore: 'classic' | 'containerd', hasSocket = true): TestAgent {
    const fs = new MemoryFileSystem().folders('/host/etc/docker');
    if (hasSocket) fs.socket('/host/run/docker.sock');
    const api = {
      ping: () => Promise.resolve(true),
      info: () => Promise.resolve({ mirrors: [], imageStore }),
    };
    return new TestAgent(
      { runtime, mirrors: [hub(), quay] },
      { fs, docker: { api, hangUp: () => undefined } },
    );
  }

  test('has a hosts.toml for each registry, and is not signalled', async () => {
    const agent = await agentOf('containerd').applied();
    expect(agent.text('/etc/docker/certs.d/docker.io/hosts.toml')).toContain(cacheUrl);
    expect(agent.text('/etc/docker/certs.d/quay.io/hosts.toml')).toContain(':30502');
    expect(agent.text('/etc/docker/daemon.json')).toBeUndefined();
    expect(agent.hungUp).toEqual([]);
  });

  test('is refused where dockerd says that it uses the classic one', async () => {
    const agent = await agentOf('classic').applied();
    expect(agent.mirror).toMatchObject({
      state: 'refused',
      reason: 'dockerd uses its classic image store, which reads no hosts.toml',
    });
  });

  test('is not applicable where there is no socket', async () => {
    expect((await agentOf('containerd', false).applied()).mirror.state).toBe('notApplicable');
  });
});
