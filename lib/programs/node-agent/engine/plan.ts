import { createTwoFilesPatch } from 'diff';
import { textOf } from '../disk/host-disk';
import { redactFile } from '../redact';
import type { FileChange } from './node-files';

/** A change as a unified diff, without what may be a secret. */
export function planText({ file, current, next }: FileChange): string {
  const before = current === undefined ? '' : textOf(current.bytes, file.path);
  const after = textOf(next.bytes, file.path);
  const patch = createTwoFilesPatch(
    current === undefined ? '/dev/null' : file.path,
    file.path,
    redactFile(before),
    redactFile(after),
    '',
    '',
    { context: 3 },
  ).replace(/^=+\n/, '');
  const notes = [
    ...(redactFile(before) === redactFile(after) && before !== after ? ['# a secret value changes'] : []),
    ...(current !== undefined && current.mode !== next.mode
      ? [`# mode ${current.mode.toString(8)} becomes ${next.mode.toString(8)}`]
      : []),
  ];
  return [...notes, patch.trimEnd(), ''].join('\n');
}
