const hidden = '[redacted]';

/** Keys whose values are not shown, in any of the files that the agent reads. */
const secretKey = /(authorization|token|password|passwd|secret|credential|api-?key|cookie)/i;

/** A text without what may be a secret: logins in URLs, values of keys that sound like one, headers. */
export function redactFile(text: string): string {
  let inHeader = false;
  return text
    .split('\n')
    .map((line) => {
      if (/^\s*\[/.test(line)) inHeader = /\.\s*["']?header["']?\s*\]/.test(line);
      return inHeader ? redactValue(line, /./) : redactValue(line, secretKey);
    })
    .join('\n')
    .replace(/(header\s*=\s*)\{[^}]*\}/g, `$1{ ${hidden} }`)
    .replace(/(:\/\/)[^/\s@"']+@/g, `$1${hidden}@`);
}

/** Replaces each `key = value` and `"key": value` of a line whose key is meant. */
function redactValue(line: string, key: RegExp): string {
  if (/^\s*[[#]/.test(line)) return line;
  return line.replace(
    /(["']?)([\w.-]+)\1(\s*[=:]\s*)("(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]]*\]?|[^,{}[\]\s"']+)/g,
    (all, quote: string, name: string, equals: string) =>
      key.test(name) ? `${quote}${name}${quote}${equals}"${hidden}"` : all,
  );
}

/** Takes known secrets out of any text. */
export class Redactor {
  private readonly secrets = new Set<string>();

  /** A text that must not be shown from now on. */
  add(secret: string): void {
    if (secret !== '') this.secrets.add(secret);
  }

  redact(text: string): string {
    const longestFirst = [...this.secrets].sort((one, other) => other.length - one.length);
    return longestFirst.reduce((rest, secret) => rest.replaceAll(secret, hidden), text);
  }
}
