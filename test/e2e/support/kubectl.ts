import type { NodeProcess } from '../../support/runtimes/node-process';
import { findTool } from '../../support/tools';
import { run, type CommandResult } from './command';
import { until } from './until';

/** A Kubernetes object, as far as tests look at it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- the shape of each kind is Kubernetes'
export type KubernetesObject = Record<string, any>;

/** The administrator's kubectl. */
export class Kubectl {
  constructor(readonly kubeconfig: string) {}

  /** Runs it, whatever it ends with. */
  try(args: readonly string[], input?: string): Promise<CommandResult> {
    return run(findTool('kubernetes'), ['kubectl', '--kubeconfig', this.kubeconfig, ...args], input);
  }

  /** What it prints; throws with its own words when it fails. */
  async run(args: readonly string[], input?: string): Promise<string> {
    const { code, stdout, stderr } = await this.try(args, input);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr || stdout}`);
    return stdout;
  }

  async get(...args: readonly string[]): Promise<KubernetesObject> {
    return JSON.parse(await this.run(['get', '-o', 'json', ...args])) as KubernetesObject;
  }

  /** Applies a file as README says. */
  apply(file: string): Promise<string> {
    return this.run(['apply', '--server-side', '-f', file]);
  }

  /** Applies an object of the test's own. */
  async create(object: KubernetesObject): Promise<void> {
    await this.run(['apply', '--server-side', '-f', '-'], JSON.stringify(object));
  }

  async untilReady(apiserver: NodeProcess): Promise<void> {
    await until(
      async () => {
        if (!apiserver.running) throw new Error('kube-apiserver has ended');
        return (await this.try(['get', '--raw', '/readyz'])).code === 0;
      },
      {
        what: 'kube-apiserver ready',
        timeoutMs: 60_000,
        explain: () => Promise.resolve(apiserver.log.slice(-3000)),
      },
    );
  }
}
