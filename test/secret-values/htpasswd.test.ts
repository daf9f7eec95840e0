import { describe, expect, it } from '@jest/globals';
import { checkHtpasswd } from '../../lib/secret-values/htpasswd';
import { findingLine } from '../../lib/secret-values/secret-check';

const rest = 'abcdefghijklmnopqrstuvABCDEFGHIJKLMNOPQRSTUVWXYZ01234';
const hash = (version = '2y', cost = '05') => `$${version}$${cost}$${rest}`;

const problems = (text: string) =>
  checkHtpasswd(text).problems.map((finding) => findingLine('htpasswd', finding));

describe('checkHtpasswd', () => {
  it.each(['2a', '2b', '2y'])('accepts a bcrypt hash of version $%s$', (version) => {
    expect(checkHtpasswd(`alice:${hash(version)}\n`)).toEqual({ problems: [], warnings: [] });
  });

  it('accepts what the registry skips: empty lines and comments', () => {
    const text = `# people\n\nalice:${hash()}\n   \nbob:${hash()}`;
    expect(checkHtpasswd(text)).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    ['an empty file', '', 'htpasswd: the file has no user; '],
    ['a file of comments', '# nobody\n', 'htpasswd: the file has no user; '],
    [
      'a line without a colon',
      `alice:${hash()}\nbob\n`,
      'htpasswd: line 2: there is no ":" between user and hash; ',
    ],
    ['a line without a user', `:${hash()}\n`, 'htpasswd: line 1: there is no user before the ":"; '],
    ['a space after the user', `alice :${hash()}\n`, 'htpasswd: line 1: the user has a space beside it; '],
    ['a carriage return', `# x\r\nalice:${hash()}\n`.replace('\r', ''), undefined],
    [
      'MD5',
      'alice:$apr1$Zx1$abcdefghijklmnopqrstuv\n',
      'htpasswd: line 1: the hash is not a whole bcrypt hash ',
    ],
    [
      'SHA-1',
      'alice:{SHA}W6ph5Mm5Pz8GgiULbPgzG37mj9g=\n',
      'htpasswd: line 1: the hash is not a whole bcrypt hash ',
    ],
    ['a password in clear', 'alice:secret\n', 'htpasswd: line 1: the hash is not a whole bcrypt hash '],
    [
      'an unknown version of bcrypt',
      `a:${hash('2x')}`,
      'htpasswd: line 1: the hash is not a whole bcrypt hash ',
    ],
    [
      'a cost that bcrypt has not',
      `a:${hash('2y', '32')}`,
      'htpasswd: line 1: the hash is not a whole bcrypt hash ',
    ],
    [
      'a hash that was cut',
      `a:${hash().slice(0, -1)}`,
      'htpasswd: line 1: the hash is not a whole bcrypt hash ',
    ],
    ['text after the hash', `a:${hash()} x`, 'htpasswd: line 1: the hash is not a whole bcrypt hash '],
    [
      'base64 of a good file',
      Buffer.from(`a:${hash()}\n`).toString('base64'),
      'htpasswd: the file is base64; ',
    ],
    ['a byte order mark', `\ufeffa:${hash()}`, 'htpasswd: line 1: the file begins with a byte order mark; '],
  ])('says of %s where it is and what to do', (_, text, beginning) => {
    const found = problems(text);
    if (beginning === undefined) expect(found).toEqual([]);
    else {
      expect(found).toHaveLength(1);
      expect(found[0]?.slice(0, beginning.length)).toBe(beginning);
      expect(found[0]).toMatch(/; \S+/);
    }
  });

  it('finds each line that ends with a carriage return', () => {
    expect(problems(`alice:${hash()}\r\nbob:${hash()}\r\n`).map((line) => line.split(';')[0])).toEqual([
      'htpasswd: line 1: the line ends with a carriage return',
      'htpasswd: line 2: the line ends with a carriage return',
    ]);
  });

  it('finds a user that is there twice, with both lines', () => {
    expect(problems(`alice:${hash()}\nbob:${hash()}\nalice:${hash('2b')}\n`)).toEqual([
      'htpasswd: line 3: the user of line 1 is there again; keep one of them: only the last would count',
    ]);
  });

  it('names all problems of a file at once', () => {
    expect(problems(`alice\nbob:x\ncarol:${hash()}\ncarol:${hash()}`)).toHaveLength(3);
  });

  it('warns of a cost above 10 and says what it costs, and of none below', () => {
    const { problems: none, warnings } = checkHtpasswd(`a:${hash('2y', '10')}\nb:${hash('2y', '12')}`);
    expect(none).toEqual([]);
    expect(warnings.map((finding) => findingLine('f', finding))).toEqual([
      "f: line 2: bcrypt cost 12 takes about 272 ms of CPU whenever a request's login is checked; " +
        'make the line anew with a cost of 10 (68 ms) or less: htpasswd -nB -C 10 USER',
    ]);
  });

  it('never repeats a user, a hash or a password', () => {
    const texts = ['canary', 'canary:canary', `:canary`, `canary :${hash()}`, `canary:${hash('2y', '12')}`];
    for (const text of texts) {
      expect(JSON.stringify(checkHtpasswd(`${text}\r\n${text}`))).not.toMatch(/canary|abcdefgh/);
    }
  });
});
