import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findTool } from './tools';

export interface ValidateOptions {
  /** Pod Security level for every Pod template. @default what the Namespace objects of the text state */
  readonly level?: 'privileged' | 'baseline' | 'restricted';
}

/** What a Kubernetes API server would refuse in these manifests, one `Kind/name: path: message` each. */
export async function validateManifest(yaml: string, options: ValidateOptions = {}): Promise<string[]> {
  const args = options.level === undefined ? [] : ['--level', options.level];
  const child = spawn(findTool('kube-validate'), args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  child.stdin.on('error', () => undefined); // it may end before it has read everything
  child.stdin.end(yaml);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0 && code !== 1)
    throw new Error(`kube-validate could not read the manifests: ${output.stderr}`);
  return output.stdout.split('\n').filter((line) => line !== '');
}
