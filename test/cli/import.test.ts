import { describe, expect, it } from '@jest/globals';
import { cli } from '../support/cli';
import {
  accountKey,
  azureWithKey,
  bcryptHash,
  guideAzure,
  guideFilesystem,
  htpasswdBase64,
  layout,
} from '../support/openpai-files';

const files = {
  'azure.yaml': azureWithKey,
  'fs.yaml': guideFilesystem,
  'layout.yaml': layout,
  'users.yaml': `${azureWithKey}docker_cache_htpasswd: ${htpasswdBase64}\n`,
  'fs-users.yaml': `${guideFilesystem}docker_cache_htpasswd: ${htpasswdBase64}\n`,
};
const run = (...args: string[]) => cli(['import', ...args], { files });
const see = 'see docker-cache --help\n';
const access = [
  '--host',
  'cache.example.com',
  '--tls-secret',
  'cache-tls',
  '--ca-secret',
  'cache-ca',
  '--login-secret',
  'cache-login',
];

describe('docker-cache import', () => {
  it("writes the cluster of the guide's file system, on the layout's master, and says what comes next", async () => {
    const { code, out, error, written } = await run(
      'fs.yaml',
      '--layout',
      'layout.yaml',
      '--node-port',
      '30501',
    );
    expect({ code, error, files: Object.keys(written) }).toEqual({
      code: 0,
      error: '',
      files: ['stacks/clusters/openpai.ts'],
    });
    expect(out).toMatch(/^wrote stacks\/clusters\/openpai\.ts\n\nWhat OpenPAI's own docker-cache gets wrong/);
    expect(out).toContain(
      '\nThe nodes let go of http://10.0.0.1:30500 when they are pointed at this cache.\nNext;',
    );
    expect(out.slice(out.indexOf('Next;'))).toBe(`\
Next; nodes are only shown what would change until the cluster file says mode: 'apply':
  docker-cache synth openpai
  kubectl apply --server-side -f dist/openpai.k8s.yaml
  kubectl -n docker-cache-nodes logs -l docker-cache/pool=nodes --prefix --tail=-1
`);
    expect(written['stacks/clusters/openpai.ts']).toContain(
      "StorageBackend.hostPath({ node: 'pai-master' })",
    );
    expect(written['stacks/clusters/openpai.ts']).toContain("from 'docker-cache'");
  });

  it("says of the guide's example for Azure that its key is none, and writes nothing", async () => {
    const broken = await cli(['import', 'config.yaml'], { files: { 'config.yaml': guideAzure } });
    expect(broken).toEqual({
      code: 1,
      out: '',
      error:
        'config.yaml:12: docker_cache_azure_account_key is refused: the value is not base64; copy key1 as it is: az storage account keys list --account-name ACCOUNT --query [0].value -o tsv\n',
      written: {},
    });
  });

  it('names the port that OpenPAI has, and the mirror that stays, where nothing was said of them', async () => {
    const { out } = await run('azure.yaml');
    expect(out).toContain(
      'warning: without --layout the mirror that OpenPAI wrote to the nodes stays there;',
    );
    expect(out).toContain(
      "While OpenPAI's own cache runs, its Service has port 30500: import with --node-port 30501",
    );
    expect((await run('azure.yaml', '--layout', 'layout.yaml', '--node-port', '30501')).out).not.toMatch(
      /warning|While OpenPAI's own/,
    );
  });

  it('prints the lines that bring the Secrets over', async () => {
    const { out } = await run('users.yaml', '--name', 'lab', ...access, '--image-store', 'containerd');
    expect(out).toContain(`
  docker-cache secret users.yaml | kubectl apply -f -
  docker-cache secret lab --file cache-tls.certificate=tls.crt --file cache-tls.privateKey=tls.key --file cache-ca.certificate=ca.crt --file cache-login.username=username --file cache-login.password=password | kubectl apply -f -
`);
  });

  it('prints the same as JSON', async () => {
    const { out } = await run('users.yaml', ...access, '--runtime', 'containerd', '--json');
    expect(JSON.parse(out)).toMatchObject({
      file: 'stacks/clusters/openpai.ts',
      cluster: 'openpai',
      warnings: [expect.stringContaining('without --layout')],
      secrets: ['azure-storage', 'cache-users'],
      shortcomings: expect.arrayContaining([{ there: expect.any(String), here: expect.any(String) }]),
      next: expect.arrayContaining(['docker-cache synth openpai']),
    });
  });

  it('writes the cluster of a registry that others run', async () => {
    const { code, out, written } = await run('--mirror', '10.0.0.5:5000', '--name', 'lab');
    expect(code).toBe(0);
    expect(written['stacks/clusters/lab.ts']).toContain(
      "mirrors: [{ host: 'docker.io', url: '10.0.0.5:5000' }]",
    );
    expect(out).toBe(`\
wrote stacks/clusters/lab.ts

Next; nodes are only shown what would change until the cluster file says mode: 'apply':
  docker-cache synth lab
  kubectl apply --server-side -f dist/lab.k8s.yaml
  kubectl -n docker-cache-nodes logs -l docker-cache/pool=nodes --prefix --tail=-1
`);
  });

  it('prints problems as JSON too', async () => {
    const args = ['import', 'config.yaml', '--json'];
    expect(await cli(args, { files: { 'config.yaml': 'enable_docker_cache: "true"\n' } })).toMatchObject({
      code: 1,
      error: '',
      out: expect.stringMatching(
        /^\{\n {2}"problems": \[\n {4}"config\.yaml: docker_cache_azure_account_name is missing/,
      ),
    });
  });

  it('reads text alone', async () => {
    const files = { 'config.yaml': Buffer.from(`\ufeff${azureWithKey}`, 'utf16le') };
    expect(await cli(['import', 'config.yaml'], { files })).toMatchObject({
      code: 1,
      error:
        'config.yaml: the file is not UTF-8 text; write it as UTF-8 without a byte order mark (> in PowerShell writes UTF-16)\n',
    });
  });

  it('never replaces a file unless it is told to', async () => {
    const there = { ...files, 'stacks/clusters/openpai.ts': '// mine\n' };
    const args = ['import', 'azure.yaml'];
    expect(await cli(args, { files: there })).toMatchObject({
      code: 1,
      out: '',
      error:
        'stacks/clusters/openpai.ts is there already; replace it with --force, or choose another --name\n',
      written: {},
    });
    expect((await cli([...args, '--force'], { files: there })).code).toBe(0);
  });

  it('writes where --out says, and names the cluster after the file', async () => {
    const { code, written } = await run('azure.yaml', '--out', 'elsewhere/lab.ts');
    expect(code).toBe(0);
    expect(written['elsewhere/lab.ts']).toContain("name: 'lab'");
  });

  it('imports this project by its path where the file is in it', async () => {
    const folder = `${__dirname}/../..`.replace('/test/cli/../..', '');
    const { written } = await cli(['import', 'azure.yaml'], { files, folder });
    expect(written['stacks/clusters/openpai.ts']).toContain("from '../../lib'");
  });

  it('reads standard input', async () => {
    expect((await cli(['import', '-'], { files: { '-': azureWithKey } })).code).toBe(0);
  });

  it('tells no secret', async () => {
    for (const args of [['users.yaml', ...access, '--runtime', 'containerd'], ['users.yaml']]) {
      const { out, error, written } = await run(...args);
      const all = out + error + Object.values(written).join('');
      expect(all).not.toContain(accountKey.slice(0, 12));
      expect(all).not.toContain(bcryptHash.slice(7, 19));
      expect(all).not.toContain(htpasswdBase64.slice(8, 20));
    }
  });

  const login =
    'docker_cache_htpasswd asks for a login that never worked in OpenPAI: dockerd sends none to a mirror, is answered 401 and goes to Docker Hub; nodes need TLS, a login of their own and a runtime that sends it: give ';
  const noNode =
    'the filesystem backend keeps images on one node; name it with --layout layout.yaml (its first master) or --node NAME';
  it.each<[string, number, readonly string[], string]>([
    [
      'users without anything that they need',
      1,
      ['users.yaml'],
      `users.yaml: ${login}--host, --tls-secret, --ca-secret, --login-secret, --image-store containerd (or --runtime containerd)\n`,
    ],
    [
      'users whose nodes have the classic image store',
      1,
      ['users.yaml', ...access],
      `users.yaml: ${login}--image-store containerd (or --runtime containerd)\n`,
    ],
    [
      'users and no node',
      1,
      ['fs-users.yaml', ...access],
      `fs-users.yaml: ${login}--image-store containerd (or --runtime containerd)\nfs-users.yaml: ${noNode}\n`,
    ],
    ['no node for the images', 2, ['fs.yaml'], `${noNode}\n${see}`],
    [
      'a node for images that are in Azure',
      2,
      ['azure.yaml', '--node', 'node-1'],
      `--node: only the filesystem backend keeps images on a node; leave it out\n${see}`,
    ],
    [
      'a host without users',
      2,
      ['azure.yaml', '--host', 'cache.example.com'],
      `--host: only a file with docker_cache_htpasswd has users; leave it out\n${see}`,
    ],
    [
      'a name that is none',
      1,
      ['azure.yaml', '--name', 'My_Cluster'],
      'My_Cluster: name is not a name (was "My_Cluster"); use at most 63 lower-case letters, digits and dashes\n',
    ],
    [
      'a port outside the range',
      1,
      ['azure.yaml', '--node-port', '5000'],
      'openpai: cache.upstreams[0].nodePort is outside the range of node ports (was 5000); use one from 30000 to 32767\n',
    ],
    [
      'a port that is no number',
      2,
      ['azure.yaml', '--node-port', 'x'],
      `option '--node-port <port>' argument 'x' is invalid. a port is a number, like 30501\n${see}`,
    ],
    [
      'a mirror that is none',
      1,
      ['--mirror', 'ftp://10.0.0.5'],
      'openpai: mirrors[0].url is not the URL of a registry (was "ftp://10.0.0.5"); write it like 10.0.0.5:5000 or https://registry.example.com, a login as nodes.login\nopenpai: mirrors[0].url holds more than scheme, host and port, which keeps dockerd from starting (was "ftp://10.0.0.5"); remove path and query, or use NodeRuntime.docker({ imageStore: \'containerd\' })\n',
    ],
    [
      'a mirror that keeps dockerd from starting',
      1,
      ['--mirror', 'http://10.0.0.5/path'],
      'openpai: mirrors[0].url holds more than scheme, host and port, which keeps dockerd from starting (was "http://10.0.0.5/path"); remove path and query, or use NodeRuntime.docker({ imageStore: \'containerd\' })\n',
    ],
    [
      'a mirror with options of a cache',
      2,
      ['--mirror', '10.0.0.5:5000', '--node', 'x'],
      `with --mirror there is no cache of one's own; only --name, --out, --runtime and --image-store go with it\n${see}`,
    ],
    ['neither a file nor a mirror', 2, [], `give OpenPAI's config.yaml, or --mirror, and not both\n${see}`],
    [
      'a file and a mirror',
      2,
      ['azure.yaml', '--mirror', '10.0.0.5:5000'],
      `give OpenPAI's config.yaml, or --mirror, and not both\n${see}`,
    ],
    [
      'an image store of containerd',
      2,
      ['azure.yaml', '--runtime', 'containerd', '--image-store', 'classic'],
      `--image-store is docker's alone; leave it out with --runtime containerd\n${see}`,
    ],
    [
      'another runtime',
      2,
      ['azure.yaml', '--runtime', 'rkt'],
      `option '--runtime <name>' argument 'rkt' is invalid. Allowed choices are docker, containerd, k3s, rke2, crio.\n${see}`,
    ],
    [
      'a file name that is not the name',
      2,
      ['azure.yaml', '--name', 'a', '--out', 'b.ts'],
      `--out must end in a.ts: the file's name is the cluster's (was b.ts)\n${see}`,
    ],
    [
      'a file that is not there',
      2,
      ['none.yaml'],
      `none.yaml cannot be read: ENOENT: no such file or directory, open 'none.yaml'\n${see}`,
    ],
    [
      'a layout without a master',
      1,
      ['azure.yaml', '--layout', 'azure.yaml'],
      "azure.yaml: the file has no machine-list; give the cluster's layout.yaml, or name the node with --node\n",
    ],
  ])('refuses %s', async (_, code, args, error) => {
    expect(await run(...args)).toEqual({ code, out: '', error, written: {} });
  });
});
