import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder with one Go module for each tool. */
const TOOLS = resolve(__dirname, '../tools');

/** What a `tool.json` says: how the binaries of one Go module are built. */
interface ToolDescription {
  readonly version: string;
  /** Go package of each binary, by the binary's name. */
  readonly binaries: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  readonly ldflags?: string;
}

/** A Go module below `test/tools` and the place outside git where its binaries are kept. */
export interface Tool extends ToolDescription {
  readonly name: string;
  /** The Go module's folder. */
  readonly source: string;
  /** The folder of the built binaries, which exists only when all of them are complete. */
  readonly output: string;
}

/** Every tool that this repository can build, cheap ones first. */
export function tools(): Tool[] {
  const order = ['registry', 'cri-pull', 'actionlint', 'kube-validate', 'containerd', 'dockerd'];
  const rank = (name: string) => (order.includes(name) ? order.indexOf(name) : order.length);
  return readdirSync(TOOLS, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(TOOLS, entry.name, 'tool.json')))
    .map((entry) => describeTool(entry.name))
    .sort((a, b) => rank(a.name) - rank(b.name) || a.name.localeCompare(b.name));
}

/** The tool that builds the named binary, or that has this name itself. */
export function toolOf(name: string): Tool | undefined {
  return tools().find((tool) => tool.name === name || name in tool.binaries);
}

function describeTool(name: string): Tool {
  const source = join(TOOLS, name);
  const description = JSON.parse(readFileSync(join(source, 'tool.json'), 'utf8')) as ToolDescription;
  const cache = process.env['DOCKER_CACHE_TOOLS'] ?? join(homedir(), '.cache/docker-cache-tools');
  // The digest of the sources makes an edited program or another build flag a new folder.
  return {
    ...description,
    name,
    source,
    output: join(cache, `${name}-${description.version}-${digestOf(source)}`),
  };
}

function digestOf(folder: string): string {
  const hash = createHash('sha256');
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort())
    if (/\.(go|json|mod|sum)$/.test(file)) hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  return hash.digest('hex').slice(0, 8);
}
