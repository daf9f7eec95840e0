import { expect, test } from '@jest/globals';
import { readRegistriesConf, registriesConf } from '../../lib/render/registries-conf';

test('a mirror of https has no scheme and is not insecure', () => {
  const text = registriesConf({ host: 'docker.io', url: 'https://cache.example.com/hub' });
  expect(text).toContain('[[registry.mirror]]\nlocation = "cache.example.com/hub"\n');
  expect(text).not.toContain('insecure');
  expect(readRegistriesConf(text)).toEqual({ prefixes: ['docker.io'] });
});

test.each([
  ['', { prefixes: [] }],
  ['unqualified-search-registries = ["docker.io"]', { prefixes: [] }],
  ['[[registry]]\nlocation = "quay.io"', { prefixes: ['quay.io'] }],
  ['[[registry]]\nprefix = ""\nlocation = "quay.io"', { prefixes: ['quay.io'] }],
  ['[registries.search]\nregistries = []', { problem: 'it is written in the old format, version 1' }],
])('%p is understood', (text, expected) => {
  expect(readRegistriesConf(text)).toEqual(expected);
});
