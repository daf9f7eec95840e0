/** The certificate that a running varnishd serves, and how it is told of a new one. */
export interface ReloadCertificateOptions {
  readonly certificate: string;
  readonly privateKey: string;
  /** varnishd's work folder, through which its control port is found. */
  readonly workFolder: string;
  /** Seconds between two looks at the files. */
  readonly intervalSeconds: number;
}

/**
 * Makes varnishd take up a renewed certificate: a shell loop, for a container of Varnish's own image.
 * A pair that does not fit (half of it has arrived) is refused by varnishd and tried again.
 */
export function reloadCertificateScript(options: ReloadCertificateOptions): string {
  const { certificate, privateKey, workFolder, intervalSeconds } = options;
  return `set -u
trap 'exit 0' TERM
pair() { cat ${certificate} ${privateKey} | sha256sum; }
tell() { varnishadm -n ${workFolder} "$@" >/dev/null; }
served=$(pair)
while :; do
  sleep ${intervalSeconds} & wait $!
  found=$(pair)
  if [ "$found" = "$served" ]; then continue; fi
  if tell tls.cert.reload && tell tls.cert.commit; then
    served=$found
    echo "the renewed certificate is served"
  else
    tell tls.cert.rollback || true
    echo "the renewed certificate was refused; the old one is served" >&2
  fi
done
`;
}
