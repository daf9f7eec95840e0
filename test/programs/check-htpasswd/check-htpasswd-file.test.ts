import { describe, expect, it } from '@jest/globals';
import { checkHtpasswdFile } from '../../../lib/programs/check-htpasswd/check-htpasswd-file';

const hash = `$2y$05$${'a'.repeat(53)}`;

function run(content: Buffer | string | undefined, file: string | undefined = '/users/htpasswd') {
  const lines: string[] = [];
  const read = () => {
    if (content === undefined) throw new Error('EACCES: permission denied');
    return Buffer.from(content);
  };
  return { code: checkHtpasswdFile(file, { read, say: (line) => lines.push(line) }), lines };
}

describe('checkHtpasswdFile', () => {
  it('lets a good file pass', () => {
    expect(run(`alice:${hash}\n`)).toEqual({ code: 0, lines: ['/users/htpasswd: no problem found'] });
  });

  it('lets a costly file pass with a warning', () => {
    const { code, lines } = run(`alice:${hash.replace('05', '12')}\n`);
    expect(code).toBe(0);
    expect(lines[0]).toMatch(/^warning: \/users\/htpasswd: line 1: bcrypt cost 12 /);
  });

  it('stops on a bad line and says which', () => {
    expect(run(`alice:${hash}\nbob:secret\n`)).toEqual({
      code: 1,
      lines: [
        '/users/htpasswd: line 2: the hash is not a whole bcrypt hash ($2a$, $2b$ or $2y$); make the line with: htpasswd -nB USER',
      ],
    });
  });

  it('stops on a file that cannot be read, or is not text', () => {
    expect(run(undefined)).toMatchObject({
      code: 1,
      lines: [expect.stringMatching(/EACCES.*; check the Secret's key/)],
    });
    expect(run(Buffer.from('\ufeffa:b', 'utf16le'))).toMatchObject({
      code: 1,
      lines: [expect.stringMatching(/UTF-8/)],
    });
  });

  it('says how it is used when no file is named', () => {
    const lines: string[] = [];
    expect(
      checkHtpasswdFile(undefined, { read: () => Buffer.from(''), say: (line) => lines.push(line) }),
    ).toBe(2);
    expect(lines).toEqual(['no file was named; usage: check-htpasswd FILE']);
  });
});
