import type { SecretFinding } from './secret-check';

const byteOrderMark = '\ufeff';

/** The text of a file, or undefined when it is not UTF-8 (PowerShell's `>` writes UTF-16). */
export function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** The problem of a file that `decodeText` cannot read. */
export const notText = {
  problem: 'the file is not UTF-8 text',
  remedy: 'write it as UTF-8 without a byte order mark (> in PowerShell writes UTF-16)',
} as const;

/** Whether a text begins with a byte order mark, which would become part of the value. */
export function hasByteOrderMark(text: string): boolean {
  return text.startsWith(byteOrderMark);
}

/** What keeps a text from being a value of one line: the first thing found, or nothing. */
export function singleLineProblem<Value extends string>(
  value: Value,
  text: string,
): SecretFinding<Value> | undefined {
  const found = (problem: string, remedy: string) => ({ value, problem, remedy });
  const remedy = "write it without one: printf '%s' VALUE > FILE";
  if (text.trim() === '') return found('the value is empty', 'write the value itself, one line');
  if (hasByteOrderMark(text))
    return found('the value begins with a byte order mark', 'write it as plain UTF-8');
  if (/^[^\r\n]*\r?\n$/.test(text)) return found('the value ends with a line break', remedy);
  if (/[\r\n]/.test(text)) return found('the value has several lines', 'write it as one line');
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(text)) return found('the value has a control character', 'write it anew');
  return undefined;
}

/** The bytes of a text in base64 as RFC 4648 has it, padding included, or undefined when it is not that. */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
