import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { tools, type Tool } from './tool-catalog';

/**
 * Builds under a lock, so that two callers do not build twice, and moves the folder into place when it is
 * complete, so that nobody finds half of it.
 */
const BUILD = `
set -eu
test -e "$OUTPUT" && exit 0
command -v go >/dev/null || { echo 'go is not installed; see https://go.dev/dl' >&2; exit 1; }
part="$OUTPUT.part"
rm -rf "$part" && mkdir -p "$part"
cd "$SOURCE"
while [ $# -gt 0 ]; do
  go build -trimpath -tags "$TAGS" -ldflags "$LDFLAGS" -o "$part/$1" "$2"
  shift 2
done
mv "$part" "$OUTPUT"
`;

function build(tool: Tool): boolean {
  const started = Date.now();
  if (existsSync(tool.output)) {
    console.log(`${tool.name} ${tool.version}: ready in ${tool.output}`);
    return true;
  }
  console.log(`${tool.name} ${tool.version}: building ${Object.keys(tool.binaries).join(', ')}`);
  mkdirSync(dirname(tool.output), { recursive: true });
  const { status, error } = spawnSync(
    'flock',
    [`${tool.output}.lock`, 'sh', '-c', BUILD, 'build', ...Object.entries(tool.binaries).flat()],
    {
      stdio: 'inherit',
      env: {
        ...process.env,
        CGO_ENABLED: '0',
        GOFLAGS: '-mod=readonly',
        GOTOOLCHAIN: 'local',
        OUTPUT: tool.output,
        SOURCE: tool.source,
        TAGS: tool.tags?.join(',') ?? '',
        LDFLAGS: tool.ldflags ?? '-s -w',
      },
    },
  );
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  if (status === 0) console.log(`${tool.name} ${tool.version}: built in ${seconds} s`);
  else
    console.error(`${tool.name} ${tool.version}: not built (${error?.message ?? `exit ${String(status)}`})`);
  return status === 0;
}

function main(names: readonly string[]): number {
  const all = tools();
  const unknown = names.filter((name) => !all.some((tool) => tool.name === name));
  if (unknown.length > 0) {
    console.error(
      `unknown tool: ${unknown.join(', ')}; there are ${all.map((tool) => tool.name).join(', ')}`,
    );
    return 2;
  }
  const wanted = all.filter((tool) => names.length === 0 || names.includes(tool.name));
  return wanted.map(build).every(Boolean) ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
