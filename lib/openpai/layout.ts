import * as z from 'zod/mini';
import type { SettingProblem } from './setting-problem';
import { readYaml } from './yaml-file';

/** The machine that OpenPAI's nodes ask: the first `kube-master` of its inventory. */
export interface KubeMaster {
  /** Its host name, which is the node's name. */
  readonly hostname: string;
  readonly address: string;
}

export type LayoutReading =
  { readonly master: KubeMaster } | { readonly problems: readonly SettingProblem[] };

const machine = z.object({ hostname: z.string(), hostip: z.string() });
const layout = z.object({ 'machine-list': z.array(z.record(z.string(), z.unknown())) });

function isMaster(entry: Readonly<Record<string, unknown>>): boolean {
  return entry['pai-master'] === 'true' || entry['pai-master'] === true;
}

function refused(problem: string, remedy: string): LayoutReading {
  return { problems: [{ problem, remedy }] };
}

/** Reads the first master from the text of a `layout.yaml`. */
export function readLayout(text: string): LayoutReading {
  const file = readYaml(text);
  if ('problems' in file) return file;
  const parsed = layout.safeParse(plain(() => file.document.toJS({ maxAliasCount: 100 })));
  if (!parsed.success) {
    return refused(
      'the file has no machine-list',
      "give the cluster's layout.yaml, or name the node with --node",
    );
  }
  const master = parsed.data['machine-list'].find(isMaster);
  if (master === undefined) {
    return refused('no machine has pai-master: "true"', 'mark the master, or name the node with --node');
  }
  const known = machine.safeParse(master);
  return known.success
    ? { master: { hostname: known.data.hostname, address: known.data.hostip } }
    : refused('the first master has no hostname or no hostip', 'state both, as text');
}

function plain(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    // Too many aliases: it is no layout.
    return undefined;
  }
}
