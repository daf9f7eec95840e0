import { describe, expect, test } from '@jest/globals';
import {
  hostsToml,
  hostUrls,
  mergeHostsToml,
  removeHosts,
  removeHostsTomlBlock,
} from '../../lib/render/hosts-toml';

const mirror = { server: 'https://registry-1.docker.io', url: 'http://10.0.0.4:30500' };

test('a mirror with all that it may have', () => {
  expect(hostsToml({ ...mirror, caFile: '/etc/ca.pem', authorization: 'Basic eA==' })).toBe(
    `# Written by docker-cache, which keeps it up to date and removes it with mode "restore".
server = "https://registry-1.docker.io"

[host."http://10.0.0.4:30500"]
  capabilities = ["pull", "resolve"]
  ca = "/etc/ca.pem"
  [host."http://10.0.0.4:30500".header]
    Authorization = "Basic eA=="
`,
  );
});

describe('our block in a file of somebody else', () => {
  test.each([
    ['an empty file', ''],
    ['a file without a line end', 'server = "https://a"'],
    ['a file with CRLF', 'server = "https://a"\r\n\r\n[host."https://b"]\r\n'],
    ['a file with brackets in strings', 'note = """\n[host."https://no"]\n"""\n[host."https://b"]\n'],
    ['a file with brackets in an array', 'list = [\n  "a", # [no]\n]\n[host."https://b"]\n'],
  ])('stands before the first host of %s, and goes without a trace', (_name, text) => {
    const merged = mergeHostsToml(text, mirror);
    expect(hostUrls(merged)[0]).toBe(mirror.url);
    expect(removeHostsTomlBlock(merged)).toBe(text);
    expect(mergeHostsToml(merged, mirror)).toBe(merged);
  });
});

test('a host is removed with the tables below it, and no other', () => {
  const text = '# x\n[host."https://a"]\n  [host."https://a".header]\n    x = "y"\n[host."https://b"]\n';
  expect(removeHosts(text, ['https://a/'])).toBe('# x\n[host."https://b"]\n');
});
