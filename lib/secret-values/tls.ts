import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { certificateAge } from './certificate-dates';
import { isPrivateKey, pemBlocks, readCertificate, type PemBlock } from './pem';
import type { SecretCheck, SecretFinding } from './secret-check';

/** The values of a TLS Secret. */
export interface TlsValues {
  /** PEM: the server's certificate, then the intermediate ones. */
  readonly certificate: string;
  /** PEM: the key of the server's certificate. */
  readonly privateKey: string;
}

export interface TlsCheckOptions {
  /** The moment at which the certificate must be valid. */
  readonly now: Date;
  /** A host name or address that clients use and the certificate must be for. @default not checked */
  readonly host?: string;
}

type Finding = SecretFinding<keyof TlsValues>;

function isFor(certificate: X509Certificate, host: string): boolean {
  const isAddress = /^[\d.]+$|:/.test(host);
  return (isAddress ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;
}

function chainProblems(blocks: readonly PemBlock[]): readonly Finding[] {
  const problems: Finding[] = [];
  let previous: X509Certificate | undefined;
  for (const block of blocks) {
    const at = { value: 'certificate', line: block.line } as const;
    const certificate = readCertificate(block);
    if (!certificate) {
      problems.push({ ...at, problem: 'the certificate is damaged', remedy: 'copy the whole file again' });
    } else if (previous && !previous.checkIssued(certificate)) {
      const problem = 'the certificate did not issue the one before it';
      problems.push({ ...at, problem, remedy: "order them: the server's first, then each one's issuer" });
    }
    previous = certificate;
  }
  return problems;
}

function serverFindings(block: PemBlock, certificate: X509Certificate, { now, host }: TlsCheckOptions) {
  const at = { value: 'certificate', line: block.line } as const;
  const problems: Finding[] = [];
  const warnings: Finding[] = [];
  const age = certificateAge(certificate, now);
  const renew = 'renew it';
  if (age.state === 'early') {
    problems.push({
      ...at,
      problem: `the certificate is valid from ${age.from} on`,
      remedy: 'wait, or check the clock',
    });
  } else if (age.state === 'ended') {
    problems.push({ ...at, problem: `the certificate ended on ${age.until}`, remedy: renew });
  } else if (age.state === 'ending') {
    warnings.push({ ...at, problem: `the certificate ends on ${age.until}`, remedy: renew });
  }
  if (certificate.subjectAltName === undefined) {
    const problem = 'the certificate has no subject alternative name, which every client demands';
    problems.push({ ...at, problem, remedy: 'issue one with the host name as a DNS name' });
  } else if (host !== undefined && !isFor(certificate, host)) {
    const problem = `the certificate is not for ${host}`;
    problems.push({
      ...at,
      problem,
      remedy: `issue one for that name (this one has ${certificate.subjectAltName})`,
    });
  }
  return { problems, warnings };
}

function readKey(privateKey: string): KeyObject | Finding {
  const value = 'privateKey';
  const block = pemBlocks(privateKey).find(isPrivateKey);
  if (!block)
    return { value, problem: 'there is no PEM private key', remedy: 'are certificate and key swapped?' };
  const at = { value, line: block.line } as const;
  if (/ENCRYPTED/.test(block.text)) {
    return {
      ...at,
      problem: 'the key has a passphrase',
      remedy: 'remove it: openssl pkey -in FILE -out NEW',
    };
  }
  try {
    return createPrivateKey(block.text);
  } catch {
    return { ...at, problem: 'the key is damaged', remedy: 'copy the whole file again' };
  }
}

/** Checks a server's certificate and key: that they are whole, belong together and are valid. */
export function checkTls(values: TlsValues, options: TlsCheckOptions): SecretCheck<keyof TlsValues> {
  const key = readKey(values.privateKey);
  const keyProblems = 'problem' in key ? [key] : [];
  const blocks = pemBlocks(values.certificate).filter(({ label }) => label === 'CERTIFICATE');
  const [first] = blocks;
  if (!first) {
    const remedy = 'are certificate and key swapped?';
    const problem = { value: 'certificate', problem: 'there is no PEM certificate', remedy } as const;
    return { problems: [problem, ...keyProblems], warnings: [] };
  }
  const chain = chainProblems(blocks);
  const certificate = readCertificate(first);
  if (!certificate) return { problems: [...chain, ...keyProblems], warnings: [] };
  const { problems, warnings } = serverFindings(first, certificate, options);
  if (!('problem' in key) && !certificate.checkPrivateKey(key)) {
    const problem = 'the key is not the key of the first certificate';
    keyProblems.push({
      value: 'privateKey',
      problem,
      remedy: 'take the key that its signing request was made with',
    });
  }
  return { problems: [...chain, ...problems, ...keyProblems], warnings };
}
