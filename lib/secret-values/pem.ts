import { X509Certificate } from 'node:crypto';

/** One block of a PEM text. */
export interface PemBlock {
  /** What stands after BEGIN: `CERTIFICATE`, `PRIVATE KEY`. */
  readonly label: string;
  /** The line of its BEGIN, from 1. */
  readonly line: number;
  /** The block, from BEGIN to END. */
  readonly text: string;
}

/** The blocks of a PEM text, in order; text between them is a comment. */
export function pemBlocks(text: string): readonly PemBlock[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[^-]*-----END \1-----/g);
  return [...blocks].map((match) => ({
    label: match[1] ?? '',
    line: text.slice(0, match.index).split('\n').length,
    text: match[0],
  }));
}

/** The certificate of a block, or undefined when it is damaged. */
export function readCertificate(block: PemBlock): X509Certificate | undefined {
  try {
    return new X509Certificate(block.text);
  } catch {
    return undefined;
  }
}

/** Whether a block is a private key of any form. */
export function isPrivateKey({ label }: PemBlock): boolean {
  return label.endsWith('PRIVATE KEY');
}
