import { LocalWorkspace, PulumiCommand, type Stack } from '@pulumi/pulumi/automation';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findTool } from '../support/tools';

const root = resolve(__dirname, '../..');

/** A call that a stub provider was given. */
export interface ProviderCall {
  readonly provider: string;
  readonly call: 'create' | 'update' | 'delete' | 'invoke';
  /** `type name` of the resource, or the token of what was invoked. */
  readonly resource: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

const versionOf = (name: string) =>
  (
    JSON.parse(readFileSync(join(root, `node_modules/@pulumi/${name}/package.json`), 'utf8')) as {
      version: string;
    }
  ).version;

/** A copy of this project on a real engine, with providers that only write down what they are told. */
export class EngineProject {
  readonly folder = mkdtempSync(join(tmpdir(), 'docker-cache-pulumi-'));
  private readonly callsFile = join(this.folder, 'calls.jsonl');
  private readonly state = join(this.folder, 'state');

  constructor(private readonly environment: Readonly<Record<string, string>> = {}) {
    for (const name of ['lib', 'stacks', 'Pulumi.yaml', 'package.json']) {
      cpSync(join(root, name), join(this.folder, name), { recursive: true });
    }
    // A folder of links, and not a link, so that what the copy keeps in its cache goes with it.
    mkdirSync(join(this.folder, 'node_modules'));
    for (const name of readdirSync(join(root, 'node_modules')).filter((entry) => !entry.startsWith('.'))) {
      symlinkSync(join(root, 'node_modules', name), join(this.folder, 'node_modules', name));
    }
    for (const name of ['state', 'bin', 'home']) mkdirSync(join(this.folder, name));
    symlinkSync(findTool('pulumi'), join(this.folder, 'bin/pulumi'));
    this.command('pulumi-language-nodejs', 'language-host.ts');
    for (const name of ['kubernetes', 'azure-native']) {
      this.command(`pulumi-resource-${name}`, 'stub-provider.ts', name, versionOf(name), this.callsFile);
    }
  }

  /** The settings that every `pulumi` of this project needs. */
  get env(): Record<string, string> {
    return {
      ...this.environment,
      PATH: `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`,
      PULUMI_HOME: join(this.folder, 'home'),
      PULUMI_BACKEND_URL: `file://${this.state}`,
      PULUMI_CONFIG_PASSPHRASE: 'a passphrase',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
    };
  }

  /** Puts a program that runs a file beside this one onto the engine's PATH. */
  private command(name: string, file: string, ...args: readonly string[]): void {
    const words = [
      process.execPath,
      '--import',
      `file://${root}/node_modules/tsx/dist/loader.mjs`,
      join(__dirname, file),
      ...args,
    ];
    const quoted = words.map((word) => `'${word}'`).join(' ');
    writeFileSync(join(this.folder, 'bin', name), `#!/bin/sh\nexec ${quoted} "$@"\n`, { mode: 0o755 });
  }

  /** Writes the file of a cluster. */
  writeCluster(name: string, source: string): void {
    writeFileSync(join(this.folder, `stacks/clusters/${name}.ts`), source);
  }

  async createStack(stackName: string): Promise<Stack> {
    const pulumiCommand = await PulumiCommand.get({ root: this.folder });
    return LocalWorkspace.createStack(
      { stackName, workDir: this.folder },
      { pulumiCommand, envVars: this.env, pulumiHome: this.env['PULUMI_HOME'] },
    );
  }

  /** What the providers were told since this was asked for the last time. */
  takeCalls(): readonly ProviderCall[] {
    if (!existsSync(this.callsFile)) return [];
    const lines = readFileSync(this.callsFile, 'utf8').split('\n').filter(Boolean);
    rmSync(this.callsFile);
    return lines.map((line) => {
      const { urn, ...call } = JSON.parse(line) as Omit<ProviderCall, 'resource'> & { urn: string };
      return { ...call, resource: urn.split('::').slice(2).join(' ').replace(/^.*\$/, '') || urn };
    });
  }

  /** The texts of all files that the engine keeps, with the stacks' settings. */
  keptFiles(): ReadonlyMap<string, string> {
    const files = [this.state, join(this.folder, 'home')].flatMap((folder) =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name)),
    );
    const settings = readdirSync(this.folder)
      .filter((name) => name.startsWith('Pulumi.'))
      .map((name) => join(this.folder, name));
    return new Map([...files, ...settings].map((file) => [file, readFileSync(file, 'utf8')]));
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
