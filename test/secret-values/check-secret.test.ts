import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { secretKinds } from '../../lib/secret-values/secret-kinds';
import { checkSecret } from '../../scripts/check-secret';
import { CertificateAuthority } from '../support/certificates';

const hash = `$2y$05$${'a'.repeat(53)}`;

function run(
  args: readonly string[],
  files: Readonly<Record<string, string | Buffer>> = {},
  now = new Date(),
) {
  const out: string[] = [];
  const errors: string[] = [];
  const read = (file: string) => {
    const content = files[file];
    if (content === undefined) throw new Error('ENOENT: no such file or directory');
    return Buffer.from(content);
  };
  const code = checkSecret(args, {
    now,
    read,
    out: (line) => out.push(line),
    error: (line) => errors.push(line),
  });
  return { code, out, errors };
}

describe('check:secret', () => {
  it('says that a good value is good', () => {
    expect(run(['htpasswd', 'users'], { users: `alice:${hash}\n` })).toEqual({
      code: 0,
      out: ['htpasswd: no problem found'],
      errors: [],
    });
  });

  it('prints a line for each problem and exits 1', () => {
    const { code, out, errors } = run(['htpasswd', 'users'], { users: `alice:${hash}\nbob\ncarol:x\n` });
    expect({ code, out }).toEqual({ code: 1, out: [] });
    expect(errors).toEqual([
      'users: line 2: there is no ":" between user and hash; make the line with: htpasswd -nB USER',
      'users: line 3: the hash is not a whole bcrypt hash ($2a$, $2b$ or $2y$); make the line with: htpasswd -nB USER',
    ]);
  });

  it('exits 0 after a warning', () => {
    const { code, errors } = run(['htpasswd', 'users'], { users: `alice:${hash.replace('05', '11')}\n` });
    expect(code).toBe(0);
    expect(errors).toEqual([expect.stringMatching(/^warning: users: line 1: bcrypt cost 11 /)]);
  });

  it('names the file that holds the wrong one of two values', () => {
    const { errors } = run(['login', 'u', '-'], { u: 'alice', '-': 'secret\n' });
    expect(errors).toEqual([
      "standard input: the value ends with a line break; write it without one: printf '%s' VALUE > FILE",
    ]);
  });

  it('checks every kind', () => {
    const id = (digit: string) => `${digit.repeat(8)}-1111-1111-1111-111111111111`;
    const authority = new CertificateAuthority();
    const pair = authority.issue('a.example.com');
    const files = {
      users: `alice:${hash}`,
      key: Buffer.alloc(64, 7).toString('base64'),
      client: id('1'),
      tenant: id('2'),
      name: 'alice',
      password: 'secret',
      crt: pair.cert,
      pem: pair.key,
      ca: authority.cert,
      bad: '',
    };
    const commands: Readonly<Record<string, readonly (keyof typeof files)[]>> = {
      htpasswd: ['users'],
      'azure-account-key': ['key'],
      'azure-identity': ['client', 'tenant'],
      login: ['name', 'password'],
      tls: ['crt', 'pem'],
      ca: ['ca'],
    };
    expect(Object.keys(commands)).toEqual([...secretKinds.keys()]);
    for (const [kind, names] of Object.entries(commands)) {
      expect([kind, run([kind, ...names], files)]).toMatchObject([kind, { code: 0, errors: [] }]);
      for (const index of names.keys()) {
        const broken = names.map((name, other) => (other === index ? 'bad' : name));
        const { code, errors } = run([kind, ...broken], files);
        expect([kind, code]).toEqual([kind, 1]);
        expect(errors[0]).toMatch(/^bad: /);
      }
    }
  });

  it('checks the host of a certificate, at the moment that is given', () => {
    const pair = new CertificateAuthority().issue('a.example.com');
    const files = { crt: pair.cert, key: pair.key };
    expect(run(['tls', 'crt', 'key', '--host', 'a.example.com'], files).code).toBe(0);
    expect(run(['tls', 'crt', 'key', '--host', 'b.example.com'], files).code).toBe(1);
    expect(run(['tls', 'crt', 'key'], files, new Date('2100-01-01')).code).toBe(1);
  });

  it('refuses a file that is not UTF-8', () => {
    const { code, errors } = run(['login', 'u', 'p'], { u: 'alice', p: Buffer.from('\ufeffx', 'utf16le') });
    expect(code).toBe(1);
    expect(errors).toEqual([expect.stringMatching(/^p: the file is not UTF-8 text; /)]);
  });

  it.each([
    [[], /no kind was given; one of htpasswd, azure-account-key/],
    [['password', 'f'], /there is no kind "password"/],
    [['login', 'f'], /login takes 2 file\(s\): username, then password \(there are 1\)/],
    [['login', '-', '-'], /only one file can be standard input/],
    [['login', 'f', 'f', '--host', 'x'], /--host is for tls alone/],
    [['htpasswd', 'f', '--loud'], /--loud/],
    [['htpasswd', 'missing'], /missing cannot be read: ENOENT/],
  ])('exits 2 when the command is wrong: %j', (args, message) => {
    const { code, errors } = run(args, { f: 'x', '-': 'x' });
    expect(code).toBe(2);
    expect(errors.join('\n')).toMatch(message);
  });

  it('shows how it is used, with examples', () => {
    const { code, out } = run(['--help']);
    expect(code).toBe(0);
    for (const kind of secretKinds.keys()) expect(out.join('\n')).toContain(`\n  ${kind} `);
    expect(out.join('\n')).toContain('npm run check:secret -- htpasswd ./htpasswd');
  });

  it('runs as a program and reads standard input', () => {
    const root = join(__dirname, '../..');
    const args = ['--import', 'tsx', 'scripts/check-secret.ts', 'htpasswd', '-'];
    const out = execFileSync(process.execPath, args, {
      cwd: root,
      input: `alice:${hash}\n`,
      encoding: 'utf8',
    });
    expect(out).toBe('htpasswd: no problem found\n');
  });
});
