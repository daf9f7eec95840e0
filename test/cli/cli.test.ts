import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { cli } from '../support/cli';

describe('docker-cache', () => {
  it.each([['--help'], ['import', '--help'], ['secret', '--help'], ['synth', '--help'], ['help', 'import']])(
    'explains itself with examples: %s %s',
    async (...args) => {
      const { code, out, error } = await cli(args);
      expect({ code, error }).toEqual({ code: 0, error: '' });
      expect(out).toMatch(/^Usage: docker-cache/);
      expect(out).toMatch(/\nExamples:\n {2}docker-cache /);
    },
  );

  it.each([
    ['no command', [], 'no command was given; one of import, secret, synth'],
    ['a command that is none', ['sync'], "unknown command 'sync'\n(Did you mean synth?)"],
    ['an option that is none', ['synth', '--outt', 'x'], "unknown option '--outt'\n(Did you mean --out?)"],
    ['an argument that is missing', ['secret'], "missing required argument 'config.yaml|cluster'"],
  ])('answers %s with exit code 2', async (_, args, message) => {
    expect(await cli(args)).toEqual({
      code: 2,
      out: '',
      error: `${message}\nsee docker-cache --help\n`,
      written: {},
    });
  });

  it('runs from its source, without colour', () => {
    const bin = resolve(__dirname, '../../bin/docker-cache.js');
    const env = { PATH: process.env['PATH'], FORCE_COLOR: '1' };
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8', env, cwd: '/' });
    expect(run('--help')).toMatchObject({
      status: 0,
      stderr: '',
      stdout: expect.not.stringContaining('\u001b'),
    });
    const unread = run('import', join('/nowhere', 'config.yaml'));
    expect(unread).toMatchObject({ status: 2, stdout: '' });
    expect(unread.stderr).toMatch(
      /^\/nowhere\/config\.yaml cannot be read: ENOENT: .*\nsee docker-cache --help\n$/,
    );
  });
});
