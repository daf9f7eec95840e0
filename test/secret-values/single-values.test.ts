import { describe, expect, it } from '@jest/globals';
import { checkAzureAccountKey } from '../../lib/secret-values/azure-account-key';
import { checkAzureIdentity } from '../../lib/secret-values/azure-identity';
import { checkLogin } from '../../lib/secret-values/login';
import type { SecretCheck } from '../../lib/secret-values/secret-check';
import { decodeText } from '../../lib/secret-values/value-text';

const problems = (check: SecretCheck) => check.problems.map(({ value, problem }) => `${value}: ${problem}`);
const warnings = (check: SecretCheck) => check.warnings.map(({ value, problem }) => `${value}: ${problem}`);

const keyBytes = Buffer.alloc(64, 0xa7);
const key = keyBytes.toString('base64');

describe('checkAzureAccountKey', () => {
  it('accepts base64 of 64 bytes', () => {
    expect(checkAzureAccountKey(key)).toEqual({ problems: [], warnings: [] });
  });

  it('does not take a key whose bytes happen to be base64 text for base64 twice', () => {
    expect(checkAzureAccountKey(Buffer.alloc(64, 'A').toString('base64')).problems).toEqual([]);
  });

  it('warns of another length, which an emulator may have', () => {
    const check = checkAzureAccountKey(Buffer.alloc(16, 0xa7).toString('base64'));
    expect(check.problems).toEqual([]);
    expect(warnings(check)).toEqual(['accountKey: the key has 16 bytes, the keys of Azure have 64']);
  });

  it.each([
    ['nothing', '', 'the value is empty'],
    ['a space', ' ', 'the value is empty'],
    ['a line break at the end', `${key}\n`, 'the value ends with a line break'],
    ['two lines', `${key}\n${key}\n`, 'the value has several lines'],
    ['base64 twice', Buffer.from(key).toString('base64'), 'the value is base64 twice'],
    ['base64 twice, from a file', Buffer.from(`${key}\n`).toString('base64'), 'the value is base64 twice'],
    ['the URL form of base64', key.replace(/p/g, '-'), 'the value is not base64'],
    ['a key that was cut', key.slice(0, -1), 'the value is not base64'],
    ['a space before the key', ` ${key}`, 'the value is not base64'],
    [
      'a connection string',
      `DefaultEndpointsProtocol=https;AccountKey=${key}`,
      'the value is a connection string',
    ],
    ['a SAS', '?sv=2022-11-02&sig=abc%3D', 'the value is a shared access signature'],
  ])('refuses %s', (_, text, problem) => {
    expect(problems(checkAzureAccountKey(text))).toEqual([`accountKey: ${problem}`]);
  });
});

describe('checkAzureIdentity', () => {
  const clientId = '11111111-2222-3333-4444-55555555abcd';
  const tenantId = '99999999-2222-3333-4444-55555555ABCD';

  it('accepts two UUIDs', () => {
    expect(checkAzureIdentity({ clientId, tenantId })).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    [{ clientId: '', tenantId }, ['clientId: the value is empty']],
    [{ clientId: `${clientId}\n`, tenantId }, ['clientId: the value ends with a line break']],
    [{ clientId, tenantId: 'contoso.onmicrosoft.com' }, ['tenantId: the value is not a UUID']],
    [
      { clientId: 'x', tenantId: `{${tenantId}}` },
      ['clientId: the value is not a UUID', 'tenantId: the value is not a UUID'],
    ],
    [{ clientId, tenantId: clientId.toUpperCase() }, ['tenantId: the tenant id is the client id']],
  ])('refuses %j', (values, expected) => {
    expect(problems(checkAzureIdentity(values))).toEqual(expected);
  });
});

describe('checkLogin', () => {
  it('accepts quotes, backslashes, spaces and umlauts in a password', () => {
    const password = 'a "b\\ c\' ü:$';
    expect(checkLogin({ username: 'alice', password })).toEqual({ problems: [], warnings: [] });
  });

  it.each([
    [{ username: '', password: 'x' }, ['username: the value is empty']],
    [{ username: 'alice', password: '' }, ['password: the value is empty']],
    [{ username: 'alice', password: 'x\n' }, ['password: the value ends with a line break']],
    [{ username: 'alice', password: 'x\r\n' }, ['password: the value ends with a line break']],
    [{ username: 'alice', password: 'x\ny' }, ['password: the value has several lines']],
    [{ username: 'alice', password: 'x\ty' }, ['password: the value has a control character']],
    [{ username: '\ufeffalice', password: 'x' }, ['username: the value begins with a byte order mark']],
    [
      { username: 'alice:x', password: 'x' },
      ['username: the user name has a ":", where basic authentication begins the password'],
    ],
    [
      { username: 'a\n', password: '' },
      ['username: the value ends with a line break', 'password: the value is empty'],
    ],
  ])('refuses %j', (values, expected) => {
    expect(problems(checkLogin(values))).toEqual(expected);
  });

  it('warns of a space at the edge, which may be meant', () => {
    const check = checkLogin({ username: 'alice', password: ' x' });
    expect(check.problems).toEqual([]);
    expect(warnings(check)).toEqual(['password: the value has a space at its edge']);
  });
});

describe('every check of a single value', () => {
  it('gives a remedy and never repeats the value', () => {
    const texts = [
      'canary',
      'canary\n',
      'canary\ncanary',
      'canary:',
      ' canary',
      'canary\u0001',
      '\ufeffcanary',
    ];
    for (const text of texts) {
      const checks: SecretCheck[] = [
        checkAzureAccountKey(text),
        checkAzureIdentity({ clientId: text, tenantId: text }),
        checkLogin({ username: text, password: text }),
      ];
      const findings = checks.flatMap((check) => [...check.problems, ...check.warnings]);
      expect(findings.every(({ remedy }) => remedy.length > 0)).toBe(true);
      expect(JSON.stringify(findings)).not.toContain('canary');
    }
  });
});

describe('decodeText', () => {
  it('reads UTF-8 and keeps a byte order mark visible', () => {
    expect(decodeText(Buffer.from('ü'))).toBe('ü');
    expect(decodeText(Buffer.from('\ufeffü'))).toBe('\ufeffü');
  });

  it('does not read UTF-16 as PowerShell writes it', () => {
    expect(decodeText(Buffer.from('\ufeffabc', 'utf16le'))).toBeUndefined();
  });
});
