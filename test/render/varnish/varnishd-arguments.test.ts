import { describe, expect, it } from '@jest/globals';
import { varnishdArguments } from '../../../lib/render/varnish/varnishd-arguments';

const common = {
  vclFile: '/etc/docker-cache/front.vcl',
  workFolder: '/var/lib/varnish/work',
  storeFile: '/var/cache/varnish/blobs.bin',
  storeBytes: 21_474_836_480,
  identity: 'cache-0',
};

describe('the arguments of varnishd', () => {
  it('listen in clear text, with no control port', () => {
    expect(varnishdArguments({ ...common, listen: { address: ':5000' } }).join(' ')).toBe(
      '-F -n /var/lib/varnish/work -i cache-0 -f /etc/docker-cache/front.vcl -a clients=:5000,HTTP -T none' +
        ' -s small=malloc,67108864 -s blobs=file,/var/cache/varnish/blobs.bin,21474836480' +
        ' -p timeout_idle=3 -p debug=+vclrel -p http_gzip_support=off -p idle_send_timeout=600 -p send_timeout=86400' +
        ' -p nuke_limit=9999 -p max_retries=5 -p workspace_backend=128k -p vsl_space=16M',
    );
  });

  it('leave the ports to the TLS file, and open a control port on loopback for its renewal', () => {
    const args = varnishdArguments({ ...common, listen: { tlsFile: '/etc/docker-cache/tls.conf' } }).join(
      ' ',
    );
    expect(args).toContain('-A /etc/docker-cache/tls.conf -T 127.0.0.1:0');
    expect(args).not.toContain('-a ');
    expect(args).toContain('-p timeout_idle=10 ');
  });
});
