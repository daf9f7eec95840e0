import { describe, expect, test } from '@jest/globals';
import { redactFile, Redactor } from '../../../lib/programs/node-agent/redact';

const secret = 's3cret';

describe('what is shown of a file', () => {
  test.each([
    ['a login in a URL', `"http-proxy": "http://user:${secret}@proxy:3128"`],
    ['an option of a log driver', `{"log-opts": {"splunk-token": "${secret}", "tag": "shown"}}`],
    ['a header', `[host."http://a".header]\n  Authorization = "Basic ${secret}"`],
    ['a header of any name', `[host."http://a".header]\n  X-Any = ["${secret}"]`],
    ['a header in a line of its host', `header = { x = "${secret}" }`],
    ['a value with quotes in it', `"password": "a\\"${secret}"`],
    ['a value in single quotes', `password = '${secret}'`],
    ['a minified file', `{"a":1,"identity-token":"${secret}","b":2}`],
  ])('hides %s', (_name, text) => {
    expect(redactFile(text)).not.toContain(secret);
    expect(redactFile(text)).toContain('[redacted]');
  });

  test('keeps what is no secret', () => {
    const text =
      'server = "https://registry-1.docker.io"\n\n[host."http://a"]\n  capabilities = ["pull", "resolve"]\n';
    expect(redactFile(text)).toBe(text);
    const json = '{"registry-mirrors": ["http://a"], "debug": true}';
    expect(redactFile(json)).toBe(json);
  });

  test('ends a table of headers at the next table', () => {
    const text = `[host."http://a".header]\n  x = "${secret}"\n[host."http://b"]\n  ca = "/b.crt"`;
    expect(redactFile(text)).toContain('ca = "/b.crt"');
  });
});

test('a known secret is taken out of any text, the longest first', () => {
  const redactor = new Redactor();
  for (const text of ['abc', 'abcdef', '']) redactor.add(text);
  expect(redactor.redact('x abcdef y abc z')).toBe('x [redacted] y [redacted] z');
});
