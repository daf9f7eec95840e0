import { type Command, InvalidArgumentError, Option } from 'commander';
import type { PlannedRuntime } from '../openpai';
import { UsageError } from './cli-io';

/** What the command line says about a cluster besides its OpenPAI file. */
export interface PlanFlags {
  readonly name?: string;
  readonly layout?: string;
  readonly node?: string;
  readonly nodePort?: number;
  readonly runtime?: 'docker' | 'containerd' | 'k3s' | 'rke2' | 'crio';
  readonly imageStore?: 'classic' | 'containerd';
  readonly host?: string;
  readonly tlsSecret?: string;
  readonly caSecret?: string;
  readonly loginSecret?: string;
}

const flagKeys = [
  'name',
  'layout',
  'node',
  'nodePort',
  'runtime',
  'imageStore',
  'host',
  'tlsSecret',
  'caSecret',
  'loginSecret',
] as const;

function port(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a port is a number, like 30501');
  return Number(text);
}

/** Adds the options that complete an OpenPAI file. */
export function addPlanOptions(command: Command): Command {
  return command
    .option('--name <name>', 'name of the cluster and of its file (default: openpai)')
    .option(
      '--layout <layout.yaml>',
      "OpenPAI's layout: its first master keeps the images and is taken over from",
    )
    .option('--node <name>', 'the node that keeps the images, on the filesystem backend')
    .option('--node-port <port>', "port of the cache, another one while OpenPAI's own has 30500", port)
    .addOption(
      new Option('--runtime <name>', 'what pulls images on the nodes (default: docker)').choices([
        'docker',
        'containerd',
        'k3s',
        'rke2',
        'crio',
      ]),
    )
    .addOption(
      new Option('--image-store <name>', "docker's image store (default: classic)").choices([
        'classic',
        'containerd',
      ]),
    )
    .option('--host <name>', 'for users with a password: the host name that nodes ask')
    .option('--tls-secret <name>', "for users with a password: the Secret of that host's certificate")
    .option('--ca-secret <name>', 'for users with a password: the Secret of the authority that nodes trust')
    .option('--login-secret <name>', "for users with a password: the Secret of the nodes' own login");
}

/** Whether any of them was given. */
export function hasPlanOptions(flags: PlanFlags): boolean {
  return flagKeys.some((key) => flags[key] !== undefined);
}

/**
 * The runtime that the options name.
 *
 * @throws UsageError when an image store is named for another runtime than docker
 */
export function plannedRuntime({ runtime = 'docker', imageStore }: PlanFlags): PlannedRuntime {
  if (runtime !== 'docker') {
    if (imageStore === undefined) return runtime;
    throw new UsageError(`--image-store is docker's alone; leave it out with --runtime ${runtime}`);
  }
  return imageStore === 'containerd' ? 'docker-containerd-store' : 'docker';
}
