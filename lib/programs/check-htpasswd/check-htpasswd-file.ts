import { checkHtpasswd } from '../../secret-values/htpasswd';
import { findingLine } from '../../secret-values/secret-check';
import { decodeText, notText } from '../../secret-values/value-text';

export interface CheckHtpasswdIo {
  readonly read: (path: string) => Uint8Array;
  readonly say: (line: string) => void;
}

/**
 * Says what the registry would not understand in a mounted htpasswd file; the program's exit code.
 * The registry itself would start all the same, and answer 400 or 401 to everybody.
 */
export function checkHtpasswdFile(file: string | undefined, { read, say }: CheckHtpasswdIo): number {
  if (file === undefined) {
    say('no file was named; usage: check-htpasswd FILE');
    return 2;
  }
  let bytes: Uint8Array;
  try {
    bytes = read(file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    say(`${file}: the file cannot be read (${reason}); check the Secret's key and the fsGroup`);
    return 1;
  }
  const text = decodeText(bytes);
  if (text === undefined) {
    say(`${file}: ${notText.problem}; ${notText.remedy}`);
    return 1;
  }
  const { problems, warnings } = checkHtpasswd(text);
  for (const problem of problems) say(findingLine(file, problem));
  for (const warning of warnings) say(`warning: ${findingLine(file, warning)}`);
  if (problems.length > 0) return 1;
  say(`${file}: no problem found`);
  return 0;
}
