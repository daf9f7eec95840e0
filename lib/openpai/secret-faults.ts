import { checkAzureAccountKey } from '../secret-values/azure-account-key';
import { checkHtpasswd } from '../secret-values/htpasswd';
import type { SecretFinding } from '../secret-values/secret-check';
import { decodeBase64, decodeText } from '../secret-values/value-text';
import type { Fault } from './setting-problem';

/** What a value is made of, and what is wrong with it. */
export interface SecretReading {
  readonly text: string;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

const encode = 'write what this prints: base64 -w0 htpasswd';

function fault({ line, problem, remedy }: SecretFinding): Fault {
  return { problem: line === undefined ? `holds: ${problem}` : `holds, in line ${line}: ${problem}`, remedy };
}

/** Reads the key of an Azure storage account. */
export function readAccountKey(text: string): SecretReading {
  const showKey = 'copy key1: az storage account keys list --account-name ACCOUNT --query [0].value -o tsv';
  if (text === '') {
    return { text, faults: [{ problem: 'is empty', remedy: showKey }], warnings: [] };
  }
  const { problems, warnings } = checkAzureAccountKey(text);
  return {
    text,
    faults: problems.map(({ problem, remedy }) => ({ problem: `is refused: ${problem}`, remedy })),
    warnings: warnings.map(fault),
  };
}

/** Reads an htpasswd file that stands in base64. */
export function readHtpasswd(text: string): SecretReading {
  const unusable = (problem: string, remedy: string) => ({
    text,
    faults: [{ problem, remedy }],
    warnings: [],
  });
  if (text.includes(':$')) return unusable('is the htpasswd file itself, not its base64', encode);
  const bytes = decodeBase64(text.replace(/\s/g, ''));
  if (bytes === undefined) return unusable('is not base64', encode);
  const file = decodeText(bytes);
  if (file === undefined) return unusable('is not the base64 of a text', encode);
  const { problems, warnings } = checkHtpasswd(file);
  return { text: file, faults: problems.map(fault), warnings: warnings.map(fault) };
}
