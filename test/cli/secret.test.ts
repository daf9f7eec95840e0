import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { CertificateAuthority } from '../support/certificates';
import { cli } from '../support/cli';
import {
  accountKey,
  azureWithKey,
  bcryptHash,
  guideFilesystem,
  htpasswdBase64,
} from '../support/openpai-files';
import { otherProject } from '../support/other-project';

const see = 'see docker-cache --help\n';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const secret = (namespace: string, name: string, data: Record<string, string>, type = 'Opaque') => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type,
  data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])),
});
const objects = (text: string): unknown[] =>
  parseAllDocuments(text).map((document) => document.toJS() as unknown);

describe('the Secrets of an OpenPAI file', () => {
  const users = `${azureWithKey}docker_cache_htpasswd: ${htpasswdBase64}\n`;
  const files = { 'config.yaml': users, 'fs.yaml': guideFilesystem, '-': azureWithKey };
  const run = (args: readonly string[], options = {}) => cli(['secret', ...args], { files, ...options });
  const both = [
    secret('docker-cache', 'azure-storage', { accountKey }),
    secret('docker-cache', 'cache-users', { htpasswd: `alice:${bcryptHash}\n` }),
  ];

  it('are printed for kubectl', async () => {
    const { code, out, error } = await run(['config.yaml']);
    expect({ code, error }).toEqual({ code: 0, error: '' });
    expect(objects(out)).toEqual(both);
  });

  it('are printed as a JSON list, in another namespace, from standard input', async () => {
    const { out } = await run(['-', '--json', '--namespace', 'mirrors']);
    expect(JSON.parse(out)).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: [secret('mirrors', 'azure-storage', { accountKey })],
    });
  });

  it.each([
    [['config.yaml']],
    [['config.yaml', '--json']],
    [['config.yaml', '--value', 'azure-storage.accountKey']],
  ])('are never shown on a terminal unless told: %j', async (args) => {
    expect(await run(args, { outIsTerminal: true })).toEqual({
      code: 2,
      out: '',
      error: `secrets would be shown on this terminal; pipe them into kubectl apply -f -, or say --terminal\n${see}`,
      written: {},
    });
    expect((await run([...args, '--terminal'], { outIsTerminal: true })).code).toBe(0);
  });

  it('are set for Pulumi by commands that hold no value', async () => {
    const { code, out } = await run(['config.yaml', '--pulumi', '--name', 'lab'], { outIsTerminal: true });
    expect(code).toBe(0);
    expect(out).toBe(
      [
        'docker-cache secret config.yaml --value azure-storage.accountKey | pulumi config set --stack lab --secret azure-storage.accountKey\n',
        'docker-cache secret config.yaml --value cache-users.htpasswd | pulumi config set --stack lab --secret cache-users.htpasswd\n',
      ].join(''),
    );
    expect((await run(['config.yaml', '--value', 'cache-users.htpasswd'])).out).toBe(`alice:${bcryptHash}\n`);
    expect((await run(['config.yaml', '--value', 'azure-storage.accountKey'])).out).toBe(accountKey);
  });

  it('are none where the file holds none', async () => {
    expect(await run(['fs.yaml'])).toEqual({
      code: 0,
      out: '',
      error: 'fs.yaml: it holds no secret, so there is nothing to bring over\n',
      written: {},
    });
  });

  it.each([
    [
      ['config.yaml', '--value', 'azure-storage.key'],
      2,
      `config.yaml holds no azure-storage.key; it holds azure-storage.accountKey, cache-users.htpasswd\n${see}`,
    ],
    [
      ['config.yaml', '--file', 'a.b=c'],
      2,
      `--file is for a cluster; a config.yaml holds its values itself\n${see}`,
    ],
    [
      ['config.yaml', '--file', 'a.b'],
      2,
      `option '--file <secret.value=file>' argument 'a.b' is invalid. write SECRET.VALUE=FILE\n${see}`,
    ],
    [
      ['off.yaml'],
      1,
      'off.yaml: enable_docker_cache is not set, so OpenPAI makes no cache; write enable_docker_cache: true\n',
    ],
  ])('are refused for %j', async (args, code, error) => {
    const all = { ...files, 'off.yaml': 'user: root\n' };
    expect(await cli(['secret', ...args], { files: all })).toEqual({ code, out: '', error, written: {} });
  });
});

describe('the Secrets of a cluster', () => {
  let folder: string;
  const authority = new CertificateAuthority();
  const server = authority.issue('cache.example.com');
  const other = authority.issue('other.example.com');
  const files = {
    users: `alice:${bcryptHash}\n`,
    'tls.crt': server.cert,
    'tls.key': server.key,
    'other.crt': other.cert,
    'other.key': other.key,
    'ca.crt': authority.cert,
    name: 'node',
    password: 'a password of nobody',
    'line-end': 'node\n',
    utf16: Buffer.from('\ufeffnode', 'utf16le'),
  };
  const tls = ['--file', 'cache-tls.certificate=tls.crt', '--file', 'cache-tls.privateKey=tls.key'];
  const login = ['--file', 'cache-login.username=name', '--file', 'cache-login.password=password'];

  beforeAll(() => {
    folder = otherProject();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });
  const run = (...args: string[]) => cli(['secret', ...args], { files, folder });

  it('are printed where their objects are, each checked', async () => {
    const { code, out, error } = await run(
      'azure-identity',
      ...tls,
      ...login,
      '--file',
      'cache-ca.certificate=ca.crt',
    );
    expect({ code, error }).toEqual({
      code: 0,
      error:
        'not among them, and read by azure-identity too: azure-identity.clientId, azure-identity.tenantId, docker-hub.username, docker-hub.password, cache-users.htpasswd\n',
    });
    expect(objects(out)).toEqual([
      secret(
        'docker-cache',
        'cache-tls',
        { 'tls.crt': server.cert, 'tls.key': server.key },
        'kubernetes.io/tls',
      ),
      secret('docker-cache-nodes', 'cache-ca', { 'ca.crt': authority.cert }),
      secret(
        'docker-cache-nodes',
        'cache-login',
        { username: 'node', password: 'a password of nobody' },
        'kubernetes.io/basic-auth',
      ),
    ]);
  });

  it('are set for Pulumi from files', async () => {
    const { out } = await run('azure-identity', '--pulumi', ...tls);
    expect(out.split('\n').filter((line) => line.includes('cache-'))).toEqual([
      'pulumi config set --stack azure-identity --secret cache-users.htpasswd < FILE',
      'pulumi config set --stack azure-identity --secret cache-tls.certificate < tls.crt',
      'pulumi config set --stack azure-identity --secret cache-tls.privateKey < tls.key',
      'pulumi config set --stack azure-identity --secret cache-ca.certificate < FILE',
      'pulumi config set --stack azure-identity --secret cache-login.username < FILE',
      'pulumi config set --stack azure-identity --secret cache-login.password < FILE',
    ]);
  });

  const wanted =
    'azure-identity.clientId, azure-identity.tenantId, docker-hub.username, docker-hub.password, cache-users.htpasswd, cache-tls.certificate, cache-tls.privateKey, cache-ca.certificate, cache-login.username, cache-login.password';
  const file = (text: string) => ['--file', text];
  it.each<[string, number, readonly string[], string]>([
    [
      'no value',
      2,
      ['azure-identity'],
      `no value was given; azure-identity reads ${wanted}: --file SECRET.VALUE=FILE\n${see}`,
    ],
    [
      'a value that nothing reads',
      2,
      ['azure-identity', ...file('cache-login.user=name')],
      `azure-identity does not read cache-login.user; it reads ${wanted}\n${see}`,
    ],
    [
      'half of a Secret',
      2,
      ['azure-identity', ...file('cache-login.username=name')],
      `the values of one Secret come together; give cache-login.password too\n${see}`,
    ],
    [
      'a value twice',
      2,
      ['azure-identity', ...login, ...file('cache-login.username=password')],
      `cache-login.username is given twice\n${see}`,
    ],
    [
      'a file that is not there',
      2,
      ['azure-identity', ...file('cache-users.htpasswd=none')],
      `none cannot be read: ENOENT: no such file or directory, open 'none'\n${see}`,
    ],
    [
      'a certificate for another host',
      1,
      [
        'azure-identity',
        ...file('cache-tls.certificate=other.crt'),
        ...file('cache-tls.privateKey=other.key'),
      ],
      'other.crt: line 1: the certificate is not for cache.example.com; issue one for that name (this one has DNS:other.example.com)\n',
    ],
    [
      'a line end in a login',
      1,
      ['azure-identity', ...file('cache-login.username=line-end'), ...file('cache-login.password=password')],
      "line-end: the value ends with a line break; write it without one: printf '%s' VALUE > FILE\n",
    ],
    [
      'a file of PowerShell',
      1,
      ['azure-identity', ...file('cache-login.username=utf16'), ...file('cache-login.password=password')],
      'utf16: the file is not UTF-8 text; write it as UTF-8 without a byte order mark (> in PowerShell writes UTF-16)\n',
    ],
    ['a cluster without Secrets', 2, ['filesystem', ...login], `filesystem reads no Secret\n${see}`],
    [
      'a cluster that is none',
      1,
      ['nothing'],
      'no cluster is named nothing; there are: azure, azure-identity, custom-registry, filesystem\n',
    ],
    [
      'an option of a config.yaml',
      2,
      ['azure', '--namespace', 'x'],
      `--value, --name and --namespace are for a config.yaml; a cluster states them itself\n${see}`,
    ],
  ])('are refused for %s', async (_, code, args, error) => {
    expect(await run(...args)).toEqual({ code, out: '', error, written: {} });
  });
});
