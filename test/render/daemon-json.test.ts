import { expect, test } from '@jest/globals';
import {
  addMirror,
  clearMirrors,
  daemonJsonMirrors,
  daemonJsonProblem,
  removeMirrors,
} from '../../lib/render/daemon-json';

const url = 'http://10.0.0.4:30500';

test.each([
  ['{}', `{\n  "registry-mirrors": ["${url}"]\n}`],
  ['{"a":1}', `{"a":1,"registry-mirrors": ["${url}"]}`],
  ['{\r\n\t"a": 1\r\n}', `{\r\n\t"a": 1,\r\n\t"registry-mirrors": ["${url}"]\r\n}`],
  ['{"registry-mirrors": [ ]}', `{"registry-mirrors": ["${url}" ]}`],
  ['{"registry-mirrors": null}', `{"registry-mirrors": ["${url}"]}`],
  ['{"registry-mirrors": ["http://b"]}', `{"registry-mirrors": ["${url}", "http://b"]}`],
  [
    '{"registry-mirrors": ["http://b", "http://10.0.0.4:30500/"]}',
    `{"registry-mirrors": ["${url}", "http://b"]}`,
  ],
  [`{"registry-mirrors": ["${url}/", "http://b"]}`, `{"registry-mirrors": ["${url}/", "http://b"]}`],
])('our mirror is first in %p', (text, expected) => {
  expect(addMirror(text, url, [])).toBe(expected);
  expect(daemonJsonProblem(expected)).toBeUndefined();
});

test('dockerd is shown an explicit list before the key goes', () => {
  const text = addMirror('{"a": 1}', url, []);
  expect(clearMirrors(text, [url])).toBe('{"a": 1,"registry-mirrors": []}');
  expect(clearMirrors('{"a": 1}', [url])).toBe('{"a": 1,"registry-mirrors": []}');
  expect(removeMirrors(text, [url])).toBe('{"a": 1}');
});

test('mirrors of others stay', () => {
  const text = '{"registry-mirrors": ["http://10.0.0.4:30500", "http://b"]}';
  expect(removeMirrors(text, [url])).toBe('{"registry-mirrors": ["http://b"]}');
  expect(daemonJsonMirrors(text)).toEqual([url, 'http://b']);
  expect(daemonJsonMirrors('{}')).toBeUndefined();
});
