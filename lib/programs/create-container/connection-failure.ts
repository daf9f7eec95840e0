import { Failure, patience } from './failure';

/** Node's codes of a certificate that is not trusted: they stand until somebody changes something. */
const certificateCodes = /^(CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** A text property of whatever was thrown: errors of Node's own are not always instances of this realm's Error. */
function textOf(error: unknown, property: 'code' | 'message' | 'name'): string {
  if (typeof error !== 'object' || error === null) return '';
  const value: unknown = Reflect.get(error, property);
  return typeof value === 'string' ? value : '';
}

const addressOf = (proxy: URL) => `${proxy.protocol}//${proxy.host}`;

/** What a broken connection means, and what to do about it. */
export function connectionFailure(error: unknown, url: URL, proxy: URL | undefined): Failure {
  if (error instanceof Failure) return error;
  const code = textOf(error, 'code');
  const asked = proxy?.hostname ?? url.hostname;
  const through = proxy ? ` through the proxy ${addressOf(proxy)}` : '';
  if (code === 'ENOTFOUND') {
    const remedy = proxy
      ? "check the proxy's name"
      : "check the account's name, the realm or service URL, and the cluster's DNS";
    return new Failure(`no DNS record for ${asked}; ${remedy}`, { patienceMs: patience.name });
  }
  if (code === 'EAI_AGAIN') {
    return new Failure(
      `the DNS server does not answer for ${asked}; check the Pod's DNS and network policy`,
      {
        patienceMs: patience.outage,
      },
    );
  }
  if (certificateCodes.test(code)) {
    return new Failure(
      `the certificate of ${url.host}${through} is not trusted (${code}); ` +
        'give the certificate of its authority as ca, or correct the clock',
    );
  }
  if (code === 'ABORT_ERR' || /^(Abort|Timeout)Error$/.test(textOf(error, 'name'))) {
    return new Failure(`${url.host} did not answer in time${through}; check routes and network policy`, {
      patienceMs: patience.outage,
    });
  }
  const reason = code === '' ? textOf(error, 'message') : code;
  return new Failure(`no connection to ${url.host}${through} (${reason}); check routes and network policy`, {
    patienceMs: patience.outage,
  });
}

/** What a proxy means that opens no way to the URL's host. */
export function proxyFailure(status: number, url: URL, proxy: URL): Failure {
  if (status === 407) {
    return new Failure(
      `the proxy ${addressOf(proxy)} wants a login (407); write one into its URL or exempt ${url.hostname} with NO_PROXY`,
    );
  }
  const answer = `the proxy ${addressOf(proxy)} answered ${status} for ${url.host}`;
  if (status >= 500) {
    return new Failure(`${answer}; check that it can reach that host`, { patienceMs: patience.outage });
  }
  return new Failure(`${answer}; allow that host in the proxy or exempt it with NO_PROXY`);
}
