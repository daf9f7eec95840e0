import { isMap, LineCounter, parseDocument, type Document, type YAMLMap } from 'yaml';
import type { SettingProblem } from './setting-problem';

/** A YAML file with a mapping at its top, and the lines of its parts. */
export interface YamlFile {
  readonly document: Document;
  readonly top: YAMLMap;
  /** The line of a node, from 1. */
  readonly lineOf: (node: unknown) => number | undefined;
}

const notMapping: SettingProblem = {
  problem: 'the file holds no settings',
  remedy: 'is it the right file? A setting stands at the beginning of a line, like enable_docker_cache: true',
};

function rangeOf(node: unknown): number | undefined {
  if (typeof node !== 'object' || node === null || !('range' in node)) return undefined;
  const { range } = node;
  const start: unknown = Array.isArray(range) ? range[0] : undefined;
  return typeof start === 'number' ? start : undefined;
}

/**
 * Reads YAML as OpenPAI's Python does: version 1.1, where `yes` and `on` are true.
 * The parser's own messages quote the file and with it secrets, so only its code and line are told.
 */
export function readYaml(text: string): YamlFile | { readonly problems: readonly SettingProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.1',
    lineCounter: lines,
    logLevel: 'error',
    prettyErrors: false,
    uniqueKeys: false,
  });
  if (document.errors.length > 0) {
    return {
      problems: document.errors.map(({ code, pos }) => ({
        line: lines.linePos(pos[0]).line,
        problem: `the file is not YAML (${code.toLowerCase().replaceAll('_', ' ')})`,
        remedy: 'mend this line; OpenPAI cannot read it either',
      })),
    };
  }
  const top: unknown = document.contents;
  if (!isMap(top)) return { problems: [notMapping] };
  const lineOf = (node: unknown) => {
    const start = rangeOf(node);
    return start === undefined ? undefined : lines.linePos(start).line;
  };
  return { document, top, lineOf };
}
