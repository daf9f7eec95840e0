import type { SecretCheck, SecretFinding } from './secret-check';
import { decodeBase64, singleLineProblem } from './value-text';

/** Length of the keys that Azure makes (bytes): 512 bits. */
const usualLength = 64;

const showKey =
  'copy key1 as it is: az storage account keys list --account-name ACCOUNT --query [0].value -o tsv';

function problemOf(text: string): Pick<SecretFinding, 'problem' | 'remedy'> | undefined {
  if (/AccountKey=/i.test(text)) {
    return {
      problem: 'the value is a connection string',
      remedy: 'keep only what follows AccountKey=, up to the next ;',
    };
  }
  if (/(^|[?&])sig=/.test(text)) {
    return {
      problem: 'the value is a shared access signature',
      remedy: `the registry needs the account's key; ${showKey}`,
    };
  }
  const key = decodeBase64(text);
  if (key === undefined) return { problem: 'the value is not base64', remedy: showKey };
  const inner = decodeBase64(key.toString('latin1').trim());
  if (inner !== undefined && key.length > usualLength) {
    return { problem: 'the value is base64 twice', remedy: 'store what one base64 --decode makes of it' };
  }
  return undefined;
}

/** Checks the key of an Azure storage account: base64 as Azure shows it. */
export function checkAzureAccountKey(text: string): SecretCheck<'accountKey'> {
  const value = 'accountKey';
  const single = singleLineProblem(value, text);
  if (single) return { problems: [single], warnings: [] };
  const problem = problemOf(text);
  if (problem) return { problems: [{ value, ...problem }], warnings: [] };
  const length = Buffer.from(text, 'base64').length;
  if (length === usualLength) return { problems: [], warnings: [] };
  const remark = `the key has ${length} bytes, the keys of Azure have ${usualLength}`;
  return {
    problems: [],
    warnings: [{ value, problem: remark, remedy: `unless it is an emulator's, ${showKey}` }],
  };
}
