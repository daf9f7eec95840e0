import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4 } from 'node:net';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8 } from './der';

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

export interface CertificateOptions {
  /** The common name. @default the first host */
  readonly name?: string;
  /** DNS names and IPv4 addresses; none leaves the subject alternative name out. */
  readonly hosts: readonly string[];
  /** @default a day ago */
  readonly from?: Date;
  /** @default in 90 days */
  readonly until?: Date;
}

export interface AuthorityOptions extends Pick<CertificateOptions, 'name' | 'from' | 'until'> {
  /** Who signs this authority's certificate. @default itself */
  readonly issuer?: CertificateAuthority;
}

const day = 24 * 3600 * 1000;
const ecdsaWithSha256 = sequence(oid('1.2.840.10045.4.3.2'));

/** A certificate authority of a test, like that of a corporate network; it needs nothing but Node. */
export class CertificateAuthority {
  private readonly keys = newKeys();
  private readonly name: string;
  /** The certificate that clients must trust, PEM. */
  readonly cert: string;

  constructor({ issuer, ...options }: AuthorityOptions = {}) {
    this.name = options.name ?? 'Test authority';
    const certificate = { ...options, name: this.name, hosts: [] };
    this.cert = (issuer ?? this).sign(certificate, this.keys.publicKey, authorityExtensions);
  }

  /** The private key, PEM. */
  get key(): string {
    return pemKey(this.keys.privateKey);
  }

  /** A server certificate for these host names and addresses. */
  issue(...hosts: readonly string[]): KeyPair {
    return this.issueWith({ hosts });
  }

  /** A server certificate with dates and names as a test wants them. */
  issueWith(options: CertificateOptions): KeyPair {
    const keys = newKeys();
    return {
      cert: this.sign(options, keys.publicKey, serverExtensions(options.hosts)),
      key: pemKey(keys.privateKey),
    };
  }

  private sign(options: CertificateOptions, subject: KeyObject, extensions: readonly Buffer[]): string {
    const from = options.from ?? new Date(Date.now() - day);
    const until = options.until ?? new Date(Date.now() + 90 * day);
    const body = sequence(
      explicit(0, integer(Buffer.from([2]))),
      integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
      ecdsaWithSha256,
      distinguishedName(this.name),
      sequence(time(from), time(until)),
      distinguishedName(options.name ?? options.hosts[0] ?? 'Test server'),
      subject.export({ type: 'spki', format: 'der' }),
      explicit(
        3,
        sequence(
          ...extensions,
          extension('2.5.29.14', octets(keyId(subject))),
          extension('2.5.29.35', sequence(implicit(0, keyId(this.keys.publicKey)))),
        ),
      ),
    );
    const signature = sign('sha256', body, this.keys.privateKey);
    return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, bits(signature)));
  }
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pemKey = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

const distinguishedName = (name: string) => sequence(set(sequence(oid('2.5.4.3'), utf8(name))));

const keyId = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

const extension = (id: string, content: Buffer) => sequence(oid(id), octets(content));
const critical = (id: string, content: Buffer) => sequence(oid(id), boolean(true), octets(content));

const basicConstraints = '2.5.29.19';
const keyUsage = '2.5.29.15';

/** An authority: may sign certificates and revocation lists. */
const authorityExtensions = [
  critical(basicConstraints, sequence(boolean(true))),
  critical(keyUsage, bits(Buffer.from([0b0000_0110]), 1)),
];

/** A server: may sign handshakes, under these names. */
function serverExtensions(hosts: readonly string[]): readonly Buffer[] {
  const names = hosts.map((host) =>
    isIPv4(host) ? implicit(7, Buffer.from(host.split('.').map(Number))) : implicit(2, Buffer.from(host)),
  );
  return [
    critical(basicConstraints, sequence()),
    critical(keyUsage, bits(Buffer.from([0b1000_0000]), 7)),
    extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.1'))),
    ...(names.length > 0 ? [extension('2.5.29.17', sequence(...names))] : []),
  ];
}
