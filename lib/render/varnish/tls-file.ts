/** Where varnishd listens for TLS, and the files of its certificate. */
export interface TlsFileOptions {
  readonly port: number;
  readonly certificate: string;
  readonly privateKey: string;
}

/** The file of `varnishd -A`, from Varnish 9.0 on: TLS 1.2 and 1.3, one certificate. */
export function varnishTlsFile({ port, certificate, privateKey }: TlsFileOptions): string {
  return `frontend = {
    name = "clients"
    host = "*"
    port = "${port}"
    tls-protos = TLSv1.2 TLSv1.3
    pem-file = {
        cert = "${certificate}"
        private-key = "${privateKey}"
    }
}
`;
}
