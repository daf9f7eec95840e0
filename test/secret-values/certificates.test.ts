import { describe, expect, it } from '@jest/globals';
import { createPrivateKey } from 'node:crypto';
import { checkCa } from '../../lib/secret-values/ca';
import { findingLine, type SecretCheck } from '../../lib/secret-values/secret-check';
import { checkTls } from '../../lib/secret-values/tls';
import { CertificateAuthority, type KeyPair } from '../support/certificates';

const from = new Date('2031-01-01T00:00:00Z');
const until = new Date('2031-12-31T00:00:00Z');
const now = new Date('2031-06-01T00:00:00Z');

const root = new CertificateAuthority({ name: 'Root', from, until });
const intermediate = new CertificateAuthority({ name: 'Intermediate', from, until, issuer: root });
const host = 'cache.example.com';
const serverPair = intermediate.issueWith({ hosts: [host, '10.0.0.5'], from, until });
const otherPair = root.issueWith({ hosts: ['other.example.com'], from, until });

const values = ({ cert, key }: KeyPair) => ({ certificate: cert, privateKey: key });
const server = values(serverPair);
const other = values(otherPair);

const lines = (check: SecretCheck, of: 'problems' | 'warnings' = 'problems') =>
  check[of].map((finding) => findingLine(finding.value, finding));

describe('checkTls', () => {
  it('accepts a certificate with its key', () => {
    expect(checkTls(server, { now })).toEqual({ problems: [], warnings: [] });
  });

  it('accepts a chain in order, with comments between', () => {
    const certificate = `# server\n${server.certificate}# issuer\n${intermediate.cert}${root.cert}`;
    expect(checkTls({ ...server, certificate }, { now })).toEqual({ problems: [], warnings: [] });
  });

  it.each([host, '10.0.0.5'])('accepts a certificate that is for %s', (name) => {
    expect(checkTls(server, { now, host: name }).problems).toEqual([]);
  });

  it.each(['cache.example.org', '10.0.0.6'])('refuses a certificate that is not for %s', (name) => {
    expect(lines(checkTls(server, { now, host: name }))).toEqual([
      `certificate: line 1: the certificate is not for ${name}; issue one for that name ` +
        '(this one has DNS:cache.example.com, IP Address:10.0.0.5)',
    ]);
  });

  it('refuses the key of another certificate', () => {
    expect(lines(checkTls({ ...server, privateKey: other.privateKey }, { now }))).toEqual([
      'privateKey: the key is not the key of the first certificate; take the key that its signing request was made with',
    ]);
  });

  it('refuses a chain in the wrong order, with the line', () => {
    const certificate = server.certificate + root.cert + intermediate.cert;
    const [first, second, ...more] = checkTls({ ...server, certificate }, { now }).problems;
    expect(first).toMatchObject({
      value: 'certificate',
      problem: 'the certificate did not issue the one before it',
    });
    expect(certificate.split('\n')[(first?.line ?? 0) - 1]).toBe('-----BEGIN CERTIFICATE-----');
    expect([second, ...more]).toEqual([expect.anything()]);
  });

  it('refuses swapped files', () => {
    const swapped = { certificate: server.privateKey, privateKey: server.certificate };
    expect(lines(checkTls(swapped, { now }))).toEqual([
      'certificate: there is no PEM certificate; are certificate and key swapped?',
      'privateKey: there is no PEM private key; are certificate and key swapped?',
    ]);
  });

  it('refuses damaged files', () => {
    const damaged = (text: string) => text.replace(/\n[A-Za-z0-9+/=]{4}/, '\nAAAA');
    const check = checkTls(
      { certificate: damaged(server.certificate), privateKey: damaged(server.privateKey) },
      { now },
    );
    expect(lines(check)).toEqual([
      'certificate: line 1: the certificate is damaged; copy the whole file again',
      'privateKey: line 1: the key is damaged; copy the whole file again',
    ]);
  });

  it('refuses a key with a passphrase', () => {
    const privateKey = createPrivateKey(server.privateKey)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
      .toString();
    expect(lines(checkTls({ ...server, privateKey }, { now }))).toEqual([
      'privateKey: line 1: the key has a passphrase; remove it: openssl pkey -in FILE -out NEW',
    ]);
  });

  it('refuses a certificate without a subject alternative name', () => {
    const nameless = root.issueWith({ name: host, hosts: [], from, until });
    expect(lines(checkTls(values(nameless), { now, host }))).toEqual([
      'certificate: line 1: the certificate has no subject alternative name, which every client demands; ' +
        'issue one with the host name as a DNS name',
    ]);
  });

  it('refuses a certificate outside its time', () => {
    expect(lines(checkTls(server, { now: new Date('2032-01-01') }))).toEqual([
      'certificate: line 1: the certificate ended on 2031-12-31; renew it',
    ]);
    expect(lines(checkTls(server, { now: new Date('2030-12-31') }))).toEqual([
      'certificate: line 1: the certificate is valid from 2031-01-01 on; wait, or check the clock',
    ]);
  });

  it('warns 30 days before the end and not earlier', () => {
    const at = (day: string) => lines(checkTls(server, { now: new Date(day) }), 'warnings');
    expect(at('2031-12-01')).toEqual([]);
    expect(at('2031-12-02')).toEqual(['certificate: line 1: the certificate ends on 2031-12-31; renew it']);
  });
});

describe('checkCa', () => {
  it('accepts several authorities', () => {
    expect(checkCa(root.cert + intermediate.cert, now)).toEqual({ problems: [], warnings: [] });
  });

  it('warns of an authority that has ended beside one that has not', () => {
    const old = new CertificateAuthority({ name: 'Old', from, until: new Date('2031-02-01') });
    const check = checkCa(root.cert + old.cert, now);
    expect(check.problems).toEqual([]);
    expect(check.warnings.map(({ problem }) => problem)).toEqual(['the certificate ended on 2031-02-01']);
  });

  it('refuses authorities of which none is valid', () => {
    expect(checkCa(root.cert, new Date('2035-01-01')).problems).toMatchObject([
      { problem: 'no certificate is valid now' },
    ]);
    expect(checkCa(root.cert, new Date('2030-01-01')).problems).toHaveLength(1);
  });

  it("warns of a server's certificate and of an end that is near", () => {
    expect(lines(checkCa(server.certificate, now), 'warnings')).toHaveLength(1);
    expect(lines(checkCa(root.cert, new Date('2031-12-20')), 'warnings')).toHaveLength(1);
  });

  it.each([
    ['nothing', '', 'there is no PEM certificate'],
    ['a private key', root.cert + root.key, 'there is a private key'],
    ['a damaged certificate', root.cert.replace(/\nMII/, '\nAAA'), 'the certificate is damaged'],
  ])('refuses %s', (_, text, problem) => {
    expect(checkCa(text, now).problems.map((finding) => finding.problem)).toEqual([problem]);
  });
});
