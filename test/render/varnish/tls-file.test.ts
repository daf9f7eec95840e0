import { describe, expect, it } from '@jest/globals';
import { varnishTlsFile } from '../../../lib/render/varnish/tls-file';

describe('the TLS file of varnishd', () => {
  it('is this, whole', () => {
    expect(
      varnishTlsFile({ port: 5000, certificate: '/etc/tls/tls.crt', privateKey: '/etc/tls/tls.key' }),
    ).toBe(
      `frontend = {
    name = "clients"
    host = "*"
    port = "5000"
    tls-protos = TLSv1.2 TLSv1.3
    pem-file = {
        cert = "/etc/tls/tls.crt"
        private-key = "/etc/tls/tls.key"
    }
}
`,
    );
  });
});
