import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { type OpenpaiConfig, readOpenpaiConfig, settingLine } from '../../lib/openpai';
import {
  accountKey,
  azureWithKey,
  bcryptHash,
  guideAzure,
  guideFilesystem,
  htpasswdBase64,
} from '../support/openpai-files';

const key = `docker_cache_azure_account_key: ${accountKey}`;
const azure = (...lines: string[]) =>
  ['enable_docker_cache: true', 'docker_cache_azure_account_name: forexample', key, ...lines].join('\n');
const filesystem = (...lines: string[]) =>
  ['enable_docker_cache: true', 'docker_cache_storage_backend: filesystem', ...lines].join('\n');

const hub = 'https://registry-1.docker.io';
const account = { type: 'azure', accountName: 'forexample', container: 'dockerregistry' };
const folder = { type: 'filesystem', path: '/var/lib/registry' };
const inAzure = { storage: account, remoteUrl: hub, withUsers: false };
const inFolder = { storage: folder, remoteUrl: hub, withUsers: false };

/** The lines that a person reads. */
function lines(config: OpenpaiConfig): readonly string[] {
  if (config.state === 'disabled') return [config.reason];
  return (config.state === 'invalid' ? config.problems : config.warnings).map((problem) =>
    settingLine('config.yaml', problem),
  );
}

describe('the settings of a config.yaml', () => {
  it.each([
    ['the guide for Azure, with a key', azureWithKey, inAzure],
    ['the guide for a file system', guideFilesystem, inFolder],
    ['the defaults of Azure', azure(), inAzure],
    ['the defaults of a file system', filesystem(), inFolder],
    ['a backend that is named', azure('docker_cache_storage_backend: "azure"'), inAzure],
    [
      "the guide's other spelling of the Azure settings",
      azure().replaceAll('docker_cache_azure_account', 'docker_azure_account'),
      inAzure,
    ],
    ['both spellings that agree', azure('docker_azure_account_name: forexample'), inAzure],
    ['one spelling that says nothing', `docker_azure_account_name: ""\n${azure()}`, inAzure],
    ['settings without a value', azure('docker_cache_htpasswd:', 'docker_cache_remote_url:'), inAzure],
    ['settings of the other backend', filesystem('docker_cache_azure_account_name: ""'), inFolder],
    ['nonsense for the backend that is not used', azure('docker_cache_fs_mount_path: [1, 2]'), inAzure],
    [
      'another container',
      azure('docker_cache_azure_container_name: images'),
      { ...inAzure, storage: { ...account, container: 'images' } },
    ],
    [
      'another folder',
      filesystem("docker_cache_fs_mount_path: '/mnt/data/registry' # big disk"),
      { ...inFolder, storage: { ...folder, path: '/mnt/data/registry' } },
    ],
    [
      'a slash at the end of the URL',
      azure('docker_cache_remote_url: "https://registry-1.docker.io/"'),
      inAzure,
    ],
    [
      'users in base64, wrapped as base64 wraps it',
      azure(`docker_cache_htpasswd: |\n  ${htpasswdBase64.slice(0, 76)}\n  ${htpasswdBase64.slice(76)}`),
      { ...inAzure, withUsers: true },
    ],
    [
      "users under the template's name",
      azure(`docker_cache_registry_htpasswd: ${htpasswdBase64}`),
      { ...inAzure, withUsers: true },
    ],
    ["Python's own true", azure().replace('true', 'True'), inAzure],
    ['yes, which YAML 1.1 takes for true', azure().replace('true', 'yes'), inAzure],
    [
      'an alias',
      `${azure().replace('forexample', '&name forexample')}\ndocker_azure_account_name: *name`,
      inAzure,
    ],
    [
      'a merged mapping',
      `base: &base {${key.replace(': ', ': "')}"}\n<<: *base\n${azure().replace(key, '')}`,
      inAzure,
    ],
    ['carriage returns', azure().replaceAll('\n', '\r\n'), inAzure],
    ['a byte order mark', `\ufeff${azure()}`, inAzure],
    ['a marker of the document', `---\n${azure()}\n...\n`, inAzure],
    [
      'everything else of a cluster',
      azure('user: forexample', 'password: [', ']', 'openpai_x: {a: {b: 1}}'),
      inAzure,
    ],
  ])('are read from %s', (_, text, settings) => {
    const config = readOpenpaiConfig(text);
    expect(lines(config)).toEqual([]);
    expect(config).toMatchObject({ state: 'enabled', settings });
  });

  it.each([
    ['', 'enable_docker_cache is not set, so OpenPAI makes no cache; write enable_docker_cache: true'],
    [
      'false',
      'enable_docker_cache is false in line 1, so OpenPAI makes no cache; write enable_docker_cache: true',
    ],
    [
      'off',
      'enable_docker_cache is false in line 1, so OpenPAI makes no cache; write enable_docker_cache: true',
    ],
  ])('make nothing when enable_docker_cache is "%s", and say so', (value, message) => {
    const text = azure('docker_azure_account_name: another').replace('true', value);
    expect(lines(readOpenpaiConfig(text))).toEqual([message]);
    expect(readOpenpaiConfig(text).state).toBe('disabled');
  });

  it('make nothing in the file that OpenPAI comes with', () => {
    const shipped =
      'user: forexample\npassword: forexample\ndocker_image_tag: v1.6.0\n# enable_docker_cache: false\n';
    expect(readOpenpaiConfig(shipped)).toEqual({
      state: 'disabled',
      reason: 'enable_docker_cache is not set, so OpenPAI makes no cache; write enable_docker_cache: true',
    });
  });

  it('keep the values of Secrets apart, and show them to nobody who does not ask', () => {
    const config = readOpenpaiConfig(azure(`docker_cache_htpasswd: ${htpasswdBase64}`));
    if (config.state !== 'enabled') throw new Error(lines(config).join('\n'));
    expect(config.secrets.accountKey?.reveal()).toBe(accountKey);
    expect(config.secrets.htpasswd?.reveal()).toBe(`alice:${bcryptHash}\n`);
    const shown = `${JSON.stringify(config)}${inspect(config, { depth: 9, showHidden: true })}${String(config.secrets.accountKey)}`;
    expect(shown).not.toContain(accountKey.slice(0, 12));
    expect(shown).not.toContain(bcryptHash.slice(0, 12));
    expect(shown).toContain('"accountKey":"***"');
  });
});

const neverOn = 'so OpenPAI stays off without a word';
const showKey = 'az storage account keys list --account-name ACCOUNT --query [0].value -o tsv';
const names =
  'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('what is wrong with a config.yaml', () => {
  it.each<[string, string, readonly string[]]>([
    [
      "the guide's example for Azure, whose key is no key",
      guideAzure,
      [
        `config.yaml:12: docker_cache_azure_account_key is refused: the value is not base64; copy key1 as it is: ${showKey}`,
      ],
    ],
    [
      'true in quotes',
      azure().replace('true', '"true"'),
      [
        `config.yaml:1: enable_docker_cache is neither true nor false, ${neverOn} (was "true"); write enable_docker_cache: true, without quotes`,
      ],
    ],
    [
      'a number for true',
      azure().replace('true', '1'),
      [
        `config.yaml:1: enable_docker_cache is neither true nor false, ${neverOn} (was "1"); write enable_docker_cache: true, without quotes`,
      ],
    ],
    [
      'enable_docker_cache twice',
      azure('enable_docker_cache: false'),
      [
        'config.yaml:4: enable_docker_cache is there again, and differs from the one of line 1; keep the one that is right',
      ],
    ],
    [
      'two spellings of the name that differ',
      azure('docker_azure_account_name: another'),
      [
        'config.yaml:4: docker_azure_account_name differs from docker_cache_azure_account_name of line 2, which is another name of the same setting; keep the one that is right',
      ],
    ],
    [
      'two spellings of the key that differ',
      azure(`docker_azure_account_key: ${accountKey.toLowerCase()}`),
      [
        'config.yaml:4: docker_azure_account_key differs from docker_cache_azure_account_key of line 3, which is another name of the same setting; keep the one that is right',
      ],
    ],
    [
      'two names of the htpasswd setting that differ',
      azure(
        `docker_cache_registry_htpasswd: ${htpasswdBase64}`,
        `docker_cache_htpasswd: ${base64(`bob:${bcryptHash}`)}`,
      ),
      [
        'config.yaml:5: docker_cache_htpasswd differs from docker_cache_registry_htpasswd of line 4, which is another name of the same setting; keep the one that is right',
      ],
    ],
    [
      'another backend',
      azure('docker_cache_storage_backend: s3'),
      [
        'config.yaml:4: docker_cache_storage_backend is not a backend of OpenPAI (was "s3"); write azure or filesystem',
      ],
    ],
    [
      'an empty backend',
      azure('docker_cache_storage_backend: ""'),
      ['config.yaml:4: docker_cache_storage_backend is not a backend of OpenPAI; write azure or filesystem'],
    ],
    [
      'neither name nor key',
      'enable_docker_cache: true',
      [
        'config.yaml: docker_cache_azure_account_name is missing, and the azure backend needs it; add it, or choose filesystem',
        'config.yaml: docker_cache_azure_account_key is missing, and the azure backend needs it; add it, or choose filesystem',
      ],
    ],
    [
      'an empty name and an empty key',
      azure().replace('forexample', '""').replace(accountKey, '""'),
      [
        'config.yaml:2: docker_cache_azure_account_name is empty; write the name of the storage account',
        `config.yaml:3: docker_cache_azure_account_key is empty; copy key1: ${showKey}`,
      ],
    ],
    [
      'a name and a container outside the rules of Azure',
      azure('docker_cache_azure_container_name: a--b').replace('forexample', 'For_Example'),
      [
        `config.yaml:2: docker_cache_azure_account_name is not a name that Azure accepts for a storage account (was "For_Example"); use 3 to 24 lower-case letters and digits (${names})`,
        `config.yaml:4: docker_cache_azure_container_name is not a name that Azure accepts for a blob container (was "a--b"); use 3 to 63 lower-case letters, digits and single dashes between them (${names})`,
      ],
    ],
    [
      'name and key in one another’s place',
      azure().replace('forexample', 'KEY').replace(accountKey, 'forexample').replace('KEY', accountKey),
      [
        `config.yaml:2: docker_cache_azure_account_name is not a name that Azure accepts for a storage account; use 3 to 24 lower-case letters and digits (${names})`,
        `config.yaml:3: docker_cache_azure_account_key is refused: the value is not base64; copy key1 as it is: ${showKey}`,
      ],
    ],
    [
      'a name that is a number',
      azure().replace('forexample', '12345'),
      ['config.yaml:2: docker_cache_azure_account_name is not text (was "12345"); put its value in quotes'],
    ],
    [
      'a key that is base64 twice',
      azure().replace(accountKey, base64(accountKey)),
      [
        'config.yaml:3: docker_cache_azure_account_key is refused: the value is base64 twice; store what one base64 --decode makes of it',
      ],
    ],
    [
      'a connection string for the key',
      azure().replace(accountKey, `"DefaultEndpointsProtocol=https;AccountKey=${accountKey}"`),
      [
        'config.yaml:3: docker_cache_azure_account_key is refused: the value is a connection string; keep only what follows AccountKey=, up to the next ;',
      ],
    ],
    [
      'a folder that is none',
      filesystem('docker_cache_fs_mount_path: var/lib/registry'),
      [
        'config.yaml:3: docker_cache_fs_mount_path must be an absolute folder of letters, digits, dots and dashes, without a slash at its end (was "var/lib/registry"); write it like /var/lib/registry',
      ],
    ],
    [
      'an empty folder',
      filesystem('docker_cache_fs_mount_path: ""'),
      ['config.yaml:3: docker_cache_fs_mount_path is empty; write a folder, like /var/lib/registry'],
    ],
    [
      'a URL without scheme',
      filesystem('docker_cache_remote_url: registry-1.docker.io'),
      [
        `config.yaml:3: docker_cache_remote_url is not scheme, host and port alone (was "registry-1.docker.io"); write it like ${hub}; a login goes into a Secret`,
      ],
    ],
    [
      'a URL with a password, which is not shown',
      filesystem('docker_cache_remote_url: https://user:hunter2@registry.example.com'),
      [
        `config.yaml:3: docker_cache_remote_url is not scheme, host and port alone; write it like ${hub}; a login goes into a Secret`,
      ],
    ],
    [
      'an empty URL',
      filesystem('docker_cache_remote_url: ""'),
      [`config.yaml:3: docker_cache_remote_url is empty; remove the line for ${hub}`],
    ],
    [
      'the web site of Docker Hub',
      filesystem('docker_cache_remote_url: https://hub.docker.com/'),
      [
        `config.yaml:3: docker_cache_remote_url is a web site, not Docker Hub's registry (was "https://hub.docker.com/"); write ${hub}`,
      ],
    ],
    [
      'users that are not in base64',
      filesystem(`docker_cache_htpasswd: 'alice:${bcryptHash}'`),
      [
        'config.yaml:3: docker_cache_htpasswd is the htpasswd file itself, not its base64; write what this prints: base64 -w0 htpasswd',
      ],
    ],
    [
      'users that are no base64',
      filesystem('docker_cache_htpasswd: alice'),
      ['config.yaml:3: docker_cache_htpasswd is not base64; write what this prints: base64 -w0 htpasswd'],
    ],
    [
      'users in base64 twice',
      filesystem(`docker_cache_htpasswd: ${base64(htpasswdBase64)}`),
      [
        'config.yaml:3: docker_cache_htpasswd holds: the file is base64; store what base64 --decode makes of it',
      ],
    ],
    [
      'a picture for users',
      filesystem('docker_cache_htpasswd: iVBORw0KGgo='),
      [
        'config.yaml:3: docker_cache_htpasswd is not the base64 of a text; write what this prints: base64 -w0 htpasswd',
      ],
    ],
    [
      'users of whom two are wrong',
      filesystem(
        `docker_cache_htpasswd: ${base64(`alice:${bcryptHash}\nbob:$apr1$x$abcdefghijklmnop\ncarol\n`)}`,
      ),
      [
        'config.yaml:3: docker_cache_htpasswd holds, in line 2: the hash is not a whole bcrypt hash ($2a$, $2b$ or $2y$); make the line with: htpasswd -nB USER',
        'config.yaml:3: docker_cache_htpasswd holds, in line 3: there is no ":" between user and hash; make the line with: htpasswd -nB USER',
      ],
    ],
    [
      'several things at once, in the order of the file',
      'docker_cache_remote_url: x\nenable_docker_cache: "yes"\ndocker_cache_azure_account_key: ab\ndocker_cache_azure_account_name: A\n',
      [
        `config.yaml:1: docker_cache_remote_url is not scheme, host and port alone (was "x"); write it like ${hub}; a login goes into a Secret`,
        `config.yaml:2: enable_docker_cache is neither true nor false, ${neverOn} (was "yes"); write enable_docker_cache: true, without quotes`,
        `config.yaml:3: docker_cache_azure_account_key is refused: the value is not base64; copy key1 as it is: ${showKey}`,
        `config.yaml:4: docker_cache_azure_account_name is not a name that Azure accepts for a storage account (was "A"); use 3 to 24 lower-case letters and digits (${names})`,
      ],
    ],
    [
      'a line that is no YAML, which is not quoted',
      azure('docker_cache_htpasswd: "half'),
      ['config.yaml:4: the file is not YAML (missing char); mend this line; OpenPAI cannot read it either'],
    ],
    [
      'two documents',
      `${azure()}\n---\na: 1\n`,
      ['config.yaml:4: the file is not YAML (multiple docs); mend this line; OpenPAI cannot read it either'],
    ],
    [
      'an empty file',
      '',
      [
        'config.yaml: the file holds no settings; is it the right file? A setting stands at the beginning of a line, like enable_docker_cache: true',
      ],
    ],
    [
      'a list',
      '- enable_docker_cache: true\n',
      [
        'config.yaml: the file holds no settings; is it the right file? A setting stands at the beginning of a line, like enable_docker_cache: true',
      ],
    ],
  ])('%s', (_, text, expected) => {
    const config = readOpenpaiConfig(text);
    expect(lines(config)).toEqual(expected);
    expect(config.state).toBe('invalid');
  });
});

describe('what a config.yaml is warned of', () => {
  it.each<[string, string, readonly string[]]>([
    [
      'a URL that is no mirror of Docker Hub',
      filesystem('docker_cache_remote_url: https://quay.io'),
      [
        'config.yaml:3: docker_cache_remote_url must be a mirror of Docker Hub: nodes would get what is there under the names of Docker Hub, and ask for nothing else (was "https://quay.io"); for another registry keep Docker Hub here, and name that one in the cluster file: Upstream.registry({ host: … })',
      ],
    ],
    [
      'a mirror of Docker Hub that is known',
      filesystem('docker_cache_remote_url: https://mirror.gcr.io'),
      [],
    ],
    [
      "a key that is not as long as Azure's",
      azure().replace(accountKey, 'Zm9yZXhhbXBsZQ=='),
      [
        `config.yaml:3: docker_cache_azure_account_key holds: the key has 10 bytes, the keys of Azure have 64; unless it is an emulator's, copy key1 as it is: ${showKey}`,
      ],
    ],
    [
      'a login that costs the registry a core',
      filesystem(`docker_cache_htpasswd: ${base64(`alice:${bcryptHash.replace('$05$', '$12$')}`)}`),
      [
        "config.yaml:3: docker_cache_htpasswd holds, in line 1: bcrypt cost 12 takes about 272 ms of CPU whenever a request's login is checked; make the line anew with a cost of 10 (68 ms) or less: htpasswd -nB -C 10 USER",
      ],
    ],
  ])('%s', (_, text, expected) => {
    const config = readOpenpaiConfig(text);
    expect(lines(config)).toEqual(expected);
    expect(config.state).toBe('enabled');
  });
});
