import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BundledProgram } from '../support/bundled-program';
import { freePort } from '../support/process';
import { Registry } from '../support/registry';
import { describeWithTools, findDebian } from '../support/tools';

/** The status of `/v2/` for a login: 200 when the registry accepts it. */
async function statusOf(address: string, login: string): Promise<number> {
  const authorization = `Basic ${Buffer.from(login).toString('base64')}`;
  return (await fetch(`http://${address}/v2/`, { headers: { authorization } })).status;
}

describeWithTools('check-htpasswd beside a real registry', ['registry', 'debian:apache2-utils'], () => {
  let program: BundledProgram;
  let folder: string;
  const file = () => join(folder, 'htpasswd');
  const line = (...options: string[]) =>
    execFileSync(findDebian('apache2-utils'), ['-nb', ...options, 'alice', 'pass word'], {
      encoding: 'utf8',
    }).trim();

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'check-htpasswd-test-'));
    program = await BundledProgram.build('check-htpasswd');
  });

  afterAll(async () => {
    await program.remove();
    await rm(folder, { recursive: true });
  });

  /** What the program says of a file, and whether a real registry that is given the file lets its user in. */
  async function both(content: string) {
    await writeFile(file(), content);
    const run = await program.run({}, [file()]);
    const addr = `127.0.0.1:${await freePort()}`;
    const registry = await Registry.start({
      config: JSON.stringify({
        version: 0.1,
        log: { level: 'error' },
        storage: { filesystem: { rootdirectory: folder } },
        auth: { htpasswd: { realm: 'test', path: file() } },
        http: { addr },
      }),
    });
    const status = await statusOf(addr, 'alice:pass word').finally(() => registry.stop());
    return { code: run.code, lines: run.lines, status };
  }

  it('lets a file of the htpasswd command pass, as the registry does', async () => {
    const { code, lines, status } = await both(`# users\n\n${line('-B')}\n`);
    expect({ code, lines, status }).toEqual({
      code: 0,
      lines: [`check-htpasswd: ${file()}: no problem found`],
      status: 200,
    });
  });

  it.each([
    ['MD5', () => line('-m'), 401],
    ['SHA-1', () => line('-s'), 401],
    ['a line without a colon', () => `${line('-B')}\nbob`, 400],
    ['a hash that was cut', () => line('-B').slice(0, -1), 401],
    ['base64 of a good file', () => Buffer.from(line('-B')).toString('base64'), 400],
    ['a user again with another hash', () => `${line('-B')}\n${line('-B').replace(/.{3}$/, 'aaa')}`, 401],
  ])('refuses %s, which the registry locks everybody out with', async (_, content, expected) => {
    const { code, lines, status } = await both(`${content()}\n`);
    expect({ code, status }).toEqual({ code: 1, status: expected });
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^check-htpasswd: \S+htpasswd: .+; .+/);
    expect(lines[0]).not.toMatch(/alice|\$apr1|\$2y\$0/);
  });

  it('refuses a file that is missing', async () => {
    const { code, lines } = await program.run({}, [join(folder, 'nothing')]);
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/cannot be read \(ENOENT/)]);
  });
});
