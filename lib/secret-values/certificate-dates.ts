import type { X509Certificate } from 'node:crypto';

const day = 24 * 3600 * 1000;
/** From how many days before its end a certificate is worth a warning. */
const daysOfWarning = 30;

/** Where a certificate stands in its time. */
export type CertificateAge =
  | { readonly state: 'early'; readonly from: string }
  | { readonly state: 'valid' }
  | { readonly state: 'ending'; readonly until: string }
  | { readonly state: 'ended'; readonly until: string };

function isoDay(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

/** Where a certificate stands in its time at a given moment. */
export function certificateAge(certificate: X509Certificate, now: Date): CertificateAge {
  const from = Date.parse(certificate.validFrom);
  const until = Date.parse(certificate.validTo);
  if (now.getTime() < from) return { state: 'early', from: isoDay(from) };
  if (now.getTime() > until) return { state: 'ended', until: isoDay(until) };
  if (until - now.getTime() < daysOfWarning * day) return { state: 'ending', until: isoDay(until) };
  return { state: 'valid' };
}
