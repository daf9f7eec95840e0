import { Command, InvalidArgumentError } from 'commander';
import type { Cluster } from '../../cluster';
import { importedSecrets, settingLine } from '../../openpai';
import { namespacesOf } from '../../resolved-cache';
import { CliFailure, type CliIo, UsageError } from '../cli-io';
import { openProject } from '../clusters/bundle-cache';
import { ClusterFileError, clusterNames, clustersFolder, selectClusters } from '../clusters/cluster-files';
import { loadCluster, type RunningLibrary } from '../clusters/load-cluster';
import { defaultClusterName, enabledConfig } from '../plan-from-files';
import { secretsFromFiles, valueFile, type ValueFile, wantedValues } from '../secret-files';
import { type FilledSecret, secretManifests } from '../secret-manifests';

interface SecretFlags {
  readonly file: readonly ValueFile[];
  readonly value?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly pulumi?: true;
  readonly terminal?: true;
  readonly json?: true;
}

const examples = `
Examples:
  docker-cache secret config.yaml | kubectl apply -f -
  docker-cache secret azure --file azure-storage.accountKey=key.txt | kubectl apply -f -
  docker-cache secret lab --file cache-tls.certificate=tls.crt --file cache-tls.privateKey=tls.key |
    kubectl apply -f -
  docker-cache secret config.yaml --pulumi       the commands that set them for Pulumi, without values`;

function collect(text: string, files: readonly ValueFile[]): readonly ValueFile[] {
  const file = valueFile(text);
  if (file === undefined) throw new InvalidArgumentError('write SECRET.VALUE=FILE');
  return [...files, file];
}

/** The Secrets of an OpenPAI file. */
function openpaiSecrets(io: CliIo, file: string, namespace: string): readonly FilledSecret[] {
  const { secrets, warnings } = enabledConfig(io, file);
  for (const warning of warnings) io.error(`warning: ${settingLine(file, warning)}\n`);
  const { accountKey, htpasswd } = secrets;
  return [
    ...(accountKey === undefined
      ? []
      : [{ namespace, name: importedSecrets.accountKey, values: { accountKey: accountKey.reveal() } }]),
    ...(htpasswd === undefined
      ? []
      : [{ namespace, name: importedSecrets.htpasswd, values: { htpasswd: htpasswd.reveal() } }]),
  ];
}

async function clusterOf(io: CliIo, name: string, library: RunningLibrary): Promise<Cluster> {
  const project = openProject(io.folder);
  const folder = clustersFolder(project.root);
  selectClusters(clusterNames(folder), [name]);
  try {
    return await loadCluster({ project, folder, library }, name);
  } catch (error) {
    if (!(error instanceof ClusterFileError)) throw error;
    throw new CliFailure([`stacks/clusters/${name}.ts: ${error.message}`]);
  }
}

function refuseTerminal(io: CliIo, { terminal }: SecretFlags): void {
  if (!io.outIsTerminal || terminal === true) return;
  throw new UsageError(
    'secrets would be shown on this terminal; pipe them into kubectl apply -f -, or say --terminal',
  );
}

function printSecrets(io: CliIo, secrets: readonly FilledSecret[], flags: SecretFlags): void {
  io.out(secretManifests(secrets, { json: flags.json === true }));
}

function fromOpenpai(io: CliIo, file: string, flags: SecretFlags): void {
  if (flags.file.length > 0)
    throw new UsageError('--file is for a cluster; a config.yaml holds its values itself');
  const namespace = flags.namespace ?? namespacesOf({}).cache;
  const secrets = openpaiSecrets(io, file, namespace);
  const values = secrets.flatMap(({ name, values }) =>
    Object.entries(values).map(([value, text]) => ({ name: `${name}.${value}`, text })),
  );
  if (flags.pulumi) {
    const stack = flags.name ?? defaultClusterName;
    const lines = values.map(
      ({ name }) =>
        `docker-cache secret ${file} --value ${name} | pulumi config set --stack ${stack} --secret ${name}\n`,
    );
    io.out(lines.join(''));
  } else if (flags.value !== undefined) {
    const found = values.find(({ name }) => name === flags.value);
    if (found === undefined) {
      throw new UsageError(
        `${file} holds no ${flags.value}; it holds ${values.map(({ name }) => name).join(', ')}`,
      );
    }
    io.out(found.text);
  } else if (secrets.length === 0) {
    io.error(`${file}: it holds no secret, so there is nothing to bring over\n`);
  } else {
    printSecrets(io, secrets, flags);
  }
}

async function fromCluster(io: CliIo, name: string, flags: SecretFlags, library: RunningLibrary) {
  if (flags.value !== undefined || flags.namespace !== undefined || flags.name !== undefined) {
    throw new UsageError(
      '--value, --name and --namespace are for a config.yaml; a cluster states them itself',
    );
  }
  const cluster = await clusterOf(io, name, library);
  if (flags.pulumi) {
    const lines = wantedValues(cluster).map((value) => {
      const file = flags.file.find((one) => `${one.secret}.${one.value}` === value)?.file ?? 'FILE';
      return `pulumi config set --stack ${name} --secret ${value} < ${file}\n`;
    });
    io.out(lines.join(''));
    return;
  }
  const { secrets, warnings, left } = secretsFromFiles(io, cluster, flags.file);
  for (const warning of warnings) io.error(`warning: ${warning}\n`);
  if (left.length > 0) io.error(`not among them, and read by ${name} too: ${left.join(', ')}\n`);
  printSecrets(io, secrets, flags);
}

/** `docker-cache secret`: the Secrets that a cluster reads, with their values, on standard output alone. */
export function secretCommand(io: CliIo, library: RunningLibrary): Command {
  return new Command('secret')
    .description('Prints the Secrets of an OpenPAI file or a cluster, checked, for kubectl apply -f -.')
    .argument('<config.yaml|cluster>', "OpenPAI's file, which holds the values, or a cluster's name")
    .option('--file <secret.value=file>', "a value of a cluster's Secret; may be repeated", collect, [])
    .option('--pulumi', 'prints the commands that set the values for Pulumi instead; they hold no value')
    .option('--value <secret.value>', 'prints one value of a config.yaml alone')
    .option('--name <name>', 'the Pulumi stack of a config.yaml (default: openpai)')
    .option('--namespace <name>', 'the namespace of the cache (default: docker-cache)')
    .option('--terminal', 'shows the secrets even on a terminal')
    .option('--json', 'prints JSON')
    .addHelpText('after', examples)
    .action(async (source: string, flags: SecretFlags) => {
      if (!flags.pulumi) refuseTerminal(io, flags);
      if (/\.ya?ml$/.test(source) || source === '-') fromOpenpai(io, source, flags);
      else await fromCluster(io, source, flags, library);
    });
}
