import type { X509Certificate } from 'node:crypto';
import { certificateAge } from './certificate-dates';
import { isPrivateKey, pemBlocks, readCertificate } from './pem';
import type { SecretCheck, SecretFinding } from './secret-check';

type Finding = SecretFinding<'certificate'>;

const copyAgain = 'copy the whole file again';
const storeAuthorities = 'store the PEM certificates of the authorities, one after the other';

/** Whether a certificate can be trusted at a moment, and what to say about it. */
function assess(
  certificate: X509Certificate,
  now: Date,
): { readonly usable: boolean; readonly remark?: string } {
  const age = certificateAge(certificate, now);
  switch (age.state) {
    case 'early':
      return { usable: false, remark: `the certificate is valid from ${age.from} on` };
    case 'ended':
      return { usable: false, remark: `the certificate ended on ${age.until}` };
    case 'ending':
      return { usable: true, remark: `the certificate ends on ${age.until}` };
    case 'valid':
      return certificate.ca
        ? { usable: true }
        : { usable: true, remark: "the certificate is a server's, not an authority's" };
  }
}

/** Checks the certificates of authorities: that each is whole and that one of them is valid. */
export function checkCa(text: string, now: Date): SecretCheck<'certificate'> {
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const assessed: boolean[] = [];
  for (const block of pemBlocks(text)) {
    const at = { value: 'certificate', line: block.line } as const;
    if (isPrivateKey(block)) {
      problems.push({
        ...at,
        problem: 'there is a private key',
        remedy: 'remove it: every node gets this file',
      });
    }
    if (block.label !== 'CERTIFICATE') continue;
    const certificate = readCertificate(block);
    if (!certificate) {
      problems.push({ ...at, problem: 'the certificate is damaged', remedy: copyAgain });
      continue;
    }
    const { usable, remark } = assess(certificate, now);
    assessed.push(usable);
    if (remark !== undefined) {
      warnings.push({ ...at, problem: remark, remedy: "take the authority's present certificate" });
    }
  }
  if (problems.length === 0 && !assessed.includes(true)) {
    const problem = assessed.length > 0 ? 'no certificate is valid now' : 'there is no PEM certificate';
    problems.push({ value: 'certificate', problem, remedy: storeAuthorities });
  }
  return { problems, warnings };
}
