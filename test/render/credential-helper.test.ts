import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { credentialHelper } from '../../lib/render/credential-helper';

describe('the credential helper', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'docker-cache-login-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  const run = (script: string): unknown =>
    JSON.parse(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' }));

  it('is anonymous without a login', () => {
    expect(run(credentialHelper())).toEqual({ ServerURL: '', Username: '', Secret: '' });
  });

  it.each(['plain', String.raw`a\b"c'd`, '$HOME `id` %s %%', 'ünïcödé', ' space at both ends '])(
    'tells the password %j as it is',
    (password) => {
      writeFileSync(join(folder, 'username'), 'robot$ci');
      writeFileSync(join(folder, 'password'), password);
      expect(run(credentialHelper(folder))).toEqual({
        ServerURL: '',
        Username: 'robot$ci',
        Secret: password,
      });
    },
  );

  it('leaves out the line end that an editor adds', () => {
    writeFileSync(join(folder, 'username'), 'user\n');
    writeFileSync(join(folder, 'password'), 'secret\r\n');
    expect(run(credentialHelper(folder))).toEqual({ ServerURL: '', Username: 'user', Secret: 'secret' });
  });
});
