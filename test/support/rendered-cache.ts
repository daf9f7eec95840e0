import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cluster } from '../../lib';
import { upstreamObjectName } from '../../lib/names';
import { mountFiles } from './mounted-files';
import { freePort, TestProcess } from './process';
import {
  objectOf,
  renderedObjects,
  type ConfigMap,
  type Container,
  type Deployment,
  type HttpGet,
  type KubernetesObject,
  type PersistentVolume,
  type PodSpec,
  type Volume,
} from './rendered-objects';
import { findTool } from './find-tools';

/** What surrounds the Pod in a test. */
export interface Surroundings {
  /** The registry whose cache is run. @default docker.io */
  readonly host?: string;
  /** Values of the Secrets, by name and key. @default {} */
  readonly secrets?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** What stands here for a URL that the manifest names. @default {} */
  readonly urls?: Readonly<Record<string, string>>;
  /** What the test's network wants in every environment: a proxy, an authority. @default {} */
  readonly env?: Readonly<Record<string, string>>;
  /** The folder that is the node's disk; it stays. @default one that goes with the Pod */
  readonly disk?: string;
  /** The token that Kubernetes gives the Pod. @default '' */
  readonly serviceAccountToken?: string;
}

/**
 * The Pod of a cache registry, run as processes of this machine from the very objects that `cdk8s synth` writes.
 * Mount paths, ports and the given URLs are mapped; nothing else is rewritten, and users and limits are not applied.
 */
export class RenderedCache {
  private processes: TestProcess[] = [];
  /** What the init containers wrote, by name. */
  readonly initLogs: Record<string, string> = {};

  private constructor(
    private readonly pod: PodSpec,
    private readonly files: Readonly<Record<string, string>>,
    private readonly objects: readonly KubernetesObject[],
    private readonly around: Surroundings,
    private readonly folder: string,
    private readonly ports: ReadonlyMap<number, number>,
  ) {}

  /** Renders the cluster and prepares the Pod's volumes; `start` runs it. */
  static async of(cluster: Cluster, around: Surroundings = {}): Promise<RenderedCache> {
    const objects = await renderedObjects(cluster);
    const name = upstreamObjectName(around.host ?? 'docker.io');
    const pod = objectOf<Deployment>(objects, 'Deployment', name).spec.template.spec;
    const { data } = objectOf<ConfigMap>(objects, 'ConfigMap', name);
    const ports = new Map<number, number>();
    for (const { containerPort } of pod.containers.flatMap((container) => container.ports ?? []))
      ports.set(containerPort, await freePort());
    const folder = await mkdtemp(join(tmpdir(), 'rendered-cache-'));
    const cache = new RenderedCache(pod, data, objects, around, folder, ports);
    try {
      for (const volume of pod.volumes) await cache.fill(volume, around.secrets ?? {});
      return cache;
    } catch (error) {
      await cache.remove();
      throw error;
    }
  }

  /** Host and port that nodes ask. */
  get address(): string {
    return `127.0.0.1:${this.portOf('registry')}`;
  }

  /** Everything that the containers wrote since the last start. */
  get log(): string {
    return this.processes.map((process) => process.log).join('');
  }

  /** Runs the init containers one after the other, then the containers; throws with the log of one that fails. */
  async start(): Promise<void> {
    for (const container of this.pod.initContainers ?? []) {
      const process = await this.run(container);
      const code = await process.exited();
      this.initLogs[container.name] = process.log;
      if (code !== 0) throw new Error(`${container.name} ended with ${code}: ${process.log}`);
    }
    this.processes = [];
    for (const container of this.pod.containers) this.processes.push(await this.run(container));
  }

  /** Ends the containers as the kubelet does, or at once. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop(signal)));
  }

  /** Gives a mounted Secret other values, as the kubelet does for a running Pod. */
  async rotate(secret: string, values: Readonly<Record<string, string>>): Promise<void> {
    for (const volume of this.pod.volumes)
      if (volume.secret?.secretName === secret) await this.fill(volume, { [secret]: values });
  }

  /** Ends the containers and removes what the Pod alone has used. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.folder, { recursive: true });
  }

  private async fill(volume: Volume, secrets: NonNullable<Surroundings['secrets']>): Promise<void> {
    const folder = this.folderOf(volume);
    await mkdir(folder, { recursive: true });
    if (volume.configMap) {
      const mounts = [...(this.pod.initContainers ?? []), ...this.pod.containers];
      const mapped = Object.entries(this.files).map(([name, text]) => [
        name,
        name.endsWith('.cjs') ? text : this.map(text, mounts),
      ]);
      await mountFiles(folder, Object.fromEntries(mapped) as Record<string, string>);
    }
    if (volume.secret) {
      const { secretName, items } = volume.secret;
      const files = items.map(({ key, path }) => [path, valueOf(secrets, secretName, key)]);
      await mountFiles(folder, Object.fromEntries(files) as Record<string, string>);
    }
    for (const { serviceAccountToken } of volume.projected?.sources ?? [])
      await mountFiles(folder, { [serviceAccountToken.path]: this.around.serviceAccountToken ?? '' });
  }

  private folderOf({ name, persistentVolumeClaim }: Volume): string {
    if (persistentVolumeClaim === undefined) return join(this.folder, name);
    const { claimName } = persistentVolumeClaim;
    const { spec } = objectOf<PersistentVolume>(this.objects, 'PersistentVolume', claimName);
    return join(this.around.disk ?? join(this.folder, 'disk'), spec.hostPath.path);
  }

  private async run(container: Container): Promise<TestProcess> {
    const map = (text: string) => this.map(text, [container]);
    const [command = '', ...args] = [
      ...(container.command ?? [imageCommand(container)]),
      ...(container.args ?? []),
    ];
    const env = (container.env ?? []).map(({ name, value = '', valueFrom }) => [
      name,
      valueFrom === undefined
        ? map(value)
        : valueOf(this.around.secrets ?? {}, valueFrom.secretKeyRef.name, valueFrom.secretKeyRef.key),
    ]);
    const probe = container.startupProbe?.httpGet;
    return TestProcess.start({
      command: command === 'node' ? process.execPath : command,
      args: args.map(map),
      env: { ...(Object.fromEntries(env) as Record<string, string>), ...this.around.env },
      ...(probe && { ready: () => this.answers(probe) }),
    });
  }

  /** Maps what a text says of mount paths, of the ports that it listens on, and of the given URLs. */
  private map(text: string, containers: readonly Container[]): string {
    const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
    const longestFirst = [...mounts].sort((a, b) => b.mountPath.length - a.mountPath.length);
    let mapped = text.replace(/(addr: ["']?)[\d.]*:(\d+)/g, (_, before: string, port: string) => {
      return `${before}127.0.0.1:${this.ports.get(Number(port)) ?? port}`;
    });
    for (const { name, mountPath } of longestFirst) {
      const volume = this.pod.volumes.find((each) => each.name === name);
      if (volume === undefined) throw new Error(`the Pod has no volume ${name}`);
      mapped = mapped.replace(new RegExp(`(?<![\\w./-])${mountPath}(?![\\w.-])`, 'g'), this.folderOf(volume));
    }
    for (const [from, to] of Object.entries(this.around.urls ?? {})) mapped = mapped.replaceAll(from, to);
    return mapped;
  }

  private portOf(name: string | number): number {
    const ports = this.pod.containers.flatMap((container) => container.ports ?? []);
    const port = this.ports.get(ports.find((each) => each.name === name)?.containerPort ?? Number(name));
    if (port === undefined) throw new Error(`the Pod has no port ${name}`);
    return port;
  }

  /** A probe as the kubelet does it: certificates are not checked. */
  private answers({ path, port, scheme }: HttpGet): Promise<boolean> {
    const options = { host: '127.0.0.1', port: this.portOf(port), path, rejectUnauthorized: false };
    return new Promise((resolve) => {
      const asked = scheme === 'HTTPS' ? requestTls(options) : request(options);
      asked.on('error', () => resolve(false));
      asked.on('response', (answer) => {
        answer.resume();
        resolve(answer.statusCode !== undefined && answer.statusCode >= 200 && answer.statusCode < 400);
      });
      asked.end();
    });
  }
}

/** What a container without a command of its own runs. */
function imageCommand({ name }: Container): string {
  if (name.startsWith('registry')) return findTool('registry');
  throw new Error(`nothing stands here for the image of the container ${name}`);
}

function valueOf(secrets: NonNullable<Surroundings['secrets']>, name: string, key: string): string {
  const value = secrets[name]?.[key];
  if (value === undefined) throw new Error(`the test has no value for key ${key} of Secret ${name}`);
  return value;
}
