import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { sharedKeyAuthorization } from '../../../lib/programs/create-container/shared-key';

const key = Buffer.alloc(64, 0xa7);
const signed = (text: string) =>
  `SharedKey forexample:${createHmac('sha256', key).update(text).digest('base64')}`;

describe('sharedKeyAuthorization', () => {
  // The text is laid out as in https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key.
  it('signs a request for a container as the documentation lays it out', () => {
    const headers = { 'x-ms-version': '2021-12-02', 'x-ms-date': 'Fri, 26 Jun 2015 23:39:12 GMT' };
    const url = new URL('https://forexample.blob.core.windows.net/dockerregistry?restype=container');
    expect(sharedKeyAuthorization('forexample', key, { method: 'PUT', url, headers })).toBe(
      signed(
        'PUT\n\n\n\n\n\n\n\n\n\n\n\n' +
          'x-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\nx-ms-version:2021-12-02\n' +
          '/forexample/dockerregistry\nrestype:container',
      ),
    );
  });

  it('signs headers by position, the rest of the path of an emulator, and sorted parameters', () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '3', 'x-ms-date': 'now' };
    const url = new URL('http://127.0.0.1:10000/forexample/c?restype=container&comp=list&PREFIX=a%20b');
    expect(sharedKeyAuthorization('forexample', key, { method: 'GET', url, headers })).toBe(
      signed(
        'GET\n\n\n3\n\ntext/plain\n\n\n\n\n\n\nx-ms-date:now\n/forexample/forexample/c\nprefix:a b\ncomp:list\nrestype:container',
      ),
    );
  });
});
