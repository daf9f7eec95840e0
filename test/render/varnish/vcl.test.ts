import { createTwoFilesPatch } from 'diff';
import { describe, expect, it } from '@jest/globals';
import type { VclOptions } from '../../../lib/render/varnish/options';
import { varnishVcl } from '../../../lib/render/varnish/vcl';
import { expectFile } from './expected-file';

const open: VclOptions = {
  host: 'docker.io',
  registry: { host: '127.0.0.1', port: 5002 },
  localRegistry: { host: '127.0.0.1', port: 5003 },
  tagFreshnessSeconds: 5,
  upstreamTimeoutSeconds: 3,
  storeBytes: 20 * 1024 ** 3,
  access: 'open',
};
const fronts = [0, 1].map((n) => ({ identity: `cache-${n}`, host: `cache-${n}.cache-peers`, port: 5000 }));

/** What other options change, as a reviewer would read it. */
const change = (options: Partial<VclOptions>) =>
  createTwoFilesPatch(
    'open.vcl',
    'changed.vcl',
    varnishVcl(open),
    varnishVcl({ ...open, ...options }),
    '',
    '',
    {
      context: 1,
    },
  );

describe('the VCL of a cache that everybody may pull from', () => {
  it('is this file, whole', () => {
    expectFile('open.vcl', varnishVcl(open));
  });
});

describe('the VCL', () => {
  it.each<[string, Partial<VclOptions>]>([
    ['login', { access: 'login' }],
    ['peers', { peers: { fronts } }],
    ['peers-with-tls', { peers: { fronts, tlsServerName: 'cache.example.com' } }],
    ['other-upstream', { host: 'quay.io', tagFreshnessSeconds: 60, upstreamTimeoutSeconds: 10 }],
    ['small-store', { storeBytes: 4 * 1024 ** 3 }],
    ['impatient', { upstreamTimeoutSeconds: 0.5 }],
  ])('differs for %s in these lines only', (name, options) => {
    expectFile(`${name}.diff`, change(options));
  });

  it('forgets every note of its own that a client sends', () => {
    const vcl = varnishVcl({ ...open, access: 'login', peers: { fronts } });
    const used = new Set(vcl.match(/Front-[A-Za-z]+(-[A-Za-z]+)*/g));
    const forgotten = new Set(
      [...vcl.matchAll(/unset req\.http\.(Front-[A-Za-z-]+);/g)].map(([, name = '']) => name),
    );
    // A peer says who it is. Whoever else says so only gives up the way through the owner of a path.
    expect([...used].filter((name) => !forgotten.has(name))).toEqual(['Front-Peer']);
  });

  it('sets the registry that is asked anew at every try, because a choice outlives a retry', () => {
    const [, fetch = ''] = /sub vcl_backend_fetch \{([\s\S]*?)\n\}/.exec(varnishVcl(open)) ?? [];
    expect(fetch).toContain('set bereq.backend = registry;');
  });
});
