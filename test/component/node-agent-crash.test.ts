import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { buildSync } from 'esbuild';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseToml } from '../../lib/render/toml';
import type { CrashOrder, CrashReport } from '../programs/node-agent/support/crash-child';
import { CertificateAuthority } from '../support/certificates';
import { TestProcess } from '../support/process';

type Operation = CrashOrder['operations'][number];

let folder = '';
let child = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'node-agent-crash-'));
  child = join(folder, 'child.cjs');
  const entry = resolve(__dirname, '../programs/node-agent/support/crash-child.ts');
  buildSync({
    entryPoints: [entry],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    outfile: child,
    logLevel: 'error',
  });
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** A kind of node whose files are changed. */
interface NodeKind {
  readonly title: string;
  /** Its main file. */
  readonly file: string;
  /** The text of that file before; null where it is made. */
  readonly original: string | null;
  /** Ended before each step; else only before those that change something, between which the disk is the same. */
  readonly everyStep: boolean;
  /** Other texts of the folder of the test. */
  readonly files: Readonly<Record<string, string>>;
  readonly config: object;
  /** Throws when the runtime would not start, or would not pull, with the files below a folder. */
  starts(host: string): void;
}

const base = {
  version: 1,
  mode: 'apply',
  pool: 'nodes',
  hostIp: '10.0.0.4',
  mirrors: [
    {
      host: 'docker.io',
      server: 'https://registry-1.docker.io',
      endpoint: { type: 'nodePort', port: 30500 },
      upstreamHeader: 'required',
    },
  ],
};

function dockerKind(title: string, original: string | null, everyStep: boolean): NodeKind {
  const file = 'host/etc/docker/daemon.json';
  return {
    title,
    file,
    original,
    everyStep,
    files: {
      'proc/4242/comm': 'dockerd\n',
      'proc/4242/status': 'State:\tS\nUid:\t0\t0\t0\t0\nNSpid:\t4242\n',
      'proc/4242/cmdline': 'dockerd\0',
      'host/run/docker.pid': '4242',
      'dockerd.json': '[]',
    },
    config: { ...base, runtime: { type: 'docker', imageStore: 'classic' } },
    starts: (host) => {
      const path = join(host, 'etc/docker/daemon.json');
      if (existsSync(path)) JSON.parse(readFileSync(path, 'utf8'));
    },
  };
}

function containerdKind(title: string, original: string | null, everyStep: boolean): NodeKind {
  const file = 'host/etc/containerd/certs.d/docker.io/hosts.toml';
  return {
    title,
    file,
    original,
    everyStep,
    files: {
      'host/etc/containerd/config.toml':
        'version = 3\n[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "/etc/containerd/certs.d"\n',
    },
    config: {
      ...base,
      runtime: { type: 'containerd' },
      mergeForeignFiles: true,
      mirrors: [
        {
          ...base.mirrors[0],
          endpoint: { type: 'url', url: 'https://cache.example:30500' },
          caFile: 'SECRETS/ca.crt',
          login: { usernameFile: 'SECRETS/username', passwordFile: 'SECRETS/password' },
        },
      ],
    },
    starts: (host) => {
      const path = join(host, 'etc/containerd/certs.d/docker.io/hosts.toml');
      const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
      parseToml(text);
      // A missing authority makes every pull fail, the fallback included.
      for (const [, ca = ''] of text.matchAll(/ca = "(.*)"/g)) lstatSync(join(host, ca));
    },
  };
}

const kinds: readonly NodeKind[] = [
  dockerKind('docker with a daemon.json', '{\r\n\t"debug" : true\r\n}', true),
  dockerKind('docker without a daemon.json', null, false),
  containerdKind('containerd without a hosts.toml', null, true),
  containerdKind(
    "containerd with somebody else's hosts.toml",
    '# theirs\n[host."https://a.example"]\n',
    false,
  ),
];

/** Makes the folder of a node, before the agent came. */
function makeNode(at: string, { file, original, files, config }: NodeKind): void {
  // Absolute, so that every copy of the node reads the same ones.
  const secrets = join(at, 'secrets');
  const text = JSON.stringify(config).replaceAll('SECRETS', secrets);
  const all = {
    ...files,
    ...(original !== null && { [file]: original }),
    'config.json': text,
    'secrets/ca.crt': new CertificateAuthority().cert,
    'secrets/username': 'node',
    'secrets/password': 'secret',
  };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(at, name)), { recursive: true });
    writeFileSync(join(at, name), content);
  }
  mkdirSync(join(at, 'host/etc/docker'), { recursive: true });
  mkdirSync(join(at, 'host/var/lib'), { recursive: true });
  mkdirSync(join(at, 'proc'), { recursive: true });
}

/** Everything below a folder, with modes. */
function tree(at: string, below = ''): Record<string, string> {
  return Object.fromEntries(
    readdirSync(join(at, below))
      .sort()
      .flatMap((name) => {
        const path = join(below, name);
        const stat = lstatSync(join(at, path));
        const mode = stat.mode.toString(8);
        if (stat.isDirectory()) return [[path, mode], ...Object.entries(tree(at, path))];
        return [[path, `${mode} ${readFileSync(join(at, path), 'latin1')}`]];
      }),
  );
}

function textOf(path: string): string | null {
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}

/** Runs a process; what it tells, or the signal that ended it. */
async function run(order: CrashOrder): Promise<CrashReport | NodeJS.Signals> {
  const started = await TestProcess.start({
    command: process.execPath,
    args: [child, JSON.stringify(order)],
  });
  const end = await started.exited();
  if (typeof end === 'string') return end;
  if (end !== 0) throw new Error(started.log);
  return JSON.parse(started.log) as CrashReport;
}

async function runToEnd(order: Omit<CrashOrder, 'killAt'>): Promise<CrashReport> {
  const report = await run({ ...order, killAt: 0 });
  if (typeof report === 'string') throw new Error(`a process was ended by ${report}`);
  return report;
}

/** A step after which the outside may be another one. */
const changes = /^(SIGHUP|(mkdir|chmod|create|write|rename|unlink|rmdir|touch) .*)$/;

describe.each(kinds.map((kind) => [kind.title, kind] as const))('%s', (_title, kind) => {
  test.each([
    ['apply', []],
    ['withdraw', ['apply']],
    ['restore', ['apply']],
  ] as const)(
    'survives SIGKILL before every step of %s',
    async (operation: Operation, before: readonly Operation[]) => {
      const at = mkdtempSync(join(folder, 'node-'));
      const { file } = kind;
      const prepared = join(at, 'prepared');
      makeNode(prepared, kind);
      const pristine = tree(join(prepared, 'host'));
      const copy = (name: string) => {
        cpSync(prepared, join(at, name), { recursive: true });
        return join(at, name);
      };
      await runToEnd({ folders: [prepared], operations: before, file });
      const { texts } = await runToEnd({
        folders: [copy('whole')],
        operations: [operation, 'apply'],
        file,
      });
      const ours = texts[0]?.[1] ?? null;
      expect(ours).toContain(':30500');
      const { steps: alone } = await runToEnd({ folders: [copy('alone')], operations: [operation], file });

      const numbers = alone
        .map((_step, index) => index + 1)
        .filter((number) => kind.everyStep || changes.test(alone[number - 1]!));
      expect(numbers.length).toBeGreaterThan(10);
      const found: (string | null)[] = [];
      const killed = async (killAt: number) => {
        const node = copy(`killed-${killAt}`);
        expect([killAt, await run({ folders: [node], operations: [operation], file, killAt })]).toEqual([
          killAt,
          'SIGKILL',
        ]);
        kind.starts(join(node, 'host'));
        found[killAt] = textOf(join(node, file));
      };
      const queue = [...numbers];
      const worker = async () => {
        for (let next = queue.shift(); next !== undefined; next = queue.shift()) await killed(next);
      };
      await Promise.all([worker(), worker()]);
      for (const number of numbers) {
        const text = found[number] ?? null;
        const isWhole = text === kind.original || text === ours || isCleared(text, kind);
        expect([alone[number - 1], isWhole ? '' : text]).toEqual([alone[number - 1], '']);
      }

      // A new process converges, whatever it is asked to do.
      const nodes = numbers.map((number) => join(at, `killed-${number}`));
      const after = await runToEnd({ folders: nodes, operations: ['apply', 'restore'], file });
      numbers.forEach((number, index) => {
        const step = alone[number - 1];
        const node = nodes[index] ?? '';
        expect([step, after.texts[index]]).toEqual([step, [ours, kind.original]]);
        expect([step, tree(join(node, 'host'))]).toEqual([step, pristine]);
        expect(textOf(join(node, 'dockerd.json'))).toBe(kind.files['dockerd.json'] ?? null);
      });
      rmSync(at, { recursive: true });
    },
    900_000,
  );
});

/** The text between ours and the original, from which dockerd forgets the mirror. */
function isCleared(found: string | null, { original }: NodeKind): boolean {
  if (found?.includes('"registry-mirrors": []') !== true) return false;
  const { 'registry-mirrors': mirrors, ...rest } = JSON.parse(found) as Record<string, unknown>;
  expect(mirrors).toEqual([]);
  expect(rest).toEqual(JSON.parse(original ?? '{}'));
  return true;
}
