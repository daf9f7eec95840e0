import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { reloadCertificateScript } from '../../lib/render/varnish/reload-certificate';
import { eventually } from '../support/eventually';
import { TestProcess } from '../support/process';

/** Notes its arguments, and refuses to load a pair whose halves differ, as varnishd does. */
const varnishadm = (folder: string) => `#!/bin/sh
printf '%s\\n' "$*" >> ${folder}/calls
case "$*" in *reload) cmp -s ${folder}/tls.crt ${folder}/tls.key ;; esac
`;

/** Notes that the script waits: it has read the first pair then. */
const sleep = (folder: string) => `#!/bin/sh
touch ${folder}/waits
exec /bin/sleep "$@"
`;

describe('the container that tells Varnish of a renewed certificate', () => {
  let folder: string;
  let script: TestProcess;
  const write = (file: 'tls.crt' | 'tls.key', content: string) => writeFile(join(folder, file), content);
  const calls = async () =>
    (await readFile(join(folder, 'calls'), 'utf8').catch(() => '')).split('\n').filter(Boolean);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'certificate-'));
    await write('tls.crt', 'first');
    await write('tls.key', 'first');
    for (const [name, text] of Object.entries({ varnishadm: varnishadm(folder), sleep: sleep(folder) })) {
      await writeFile(join(folder, name), text);
      await chmod(join(folder, name), 0o755);
    }
    script = await TestProcess.start({
      command: '/bin/sh',
      args: [
        '-c',
        reloadCertificateScript({
          certificate: join(folder, 'tls.crt'),
          privateKey: join(folder, 'tls.key'),
          workFolder: '/var/lib/varnish/front',
          intervalSeconds: 0.05,
        }),
      ],
      env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` },
    });
    await eventually(() => existsSync(join(folder, 'waits')));
  });
  afterEach(async () => {
    await script.stop();
    await rm(folder, { recursive: true });
  });

  it('says nothing while it is the same one, and makes Varnish serve a new one once', async () => {
    await write('tls.key', 'second');
    await write('tls.crt', 'second');
    await eventually(() => script.log.includes('the renewed certificate is served'));
    const made = (await calls()).filter((call) => !call.endsWith('rollback')).slice(-2);
    expect(made).toEqual([
      '-n /var/lib/varnish/front tls.cert.reload',
      '-n /var/lib/varnish/front tls.cert.commit',
    ]);
  });

  it('keeps the old one while half of a new one is there, and takes up the whole when it is', async () => {
    await write('tls.crt', 'second');
    await eventually(() => script.log.includes('was refused; the old one is served'));
    expect(await calls()).toContain('-n /var/lib/varnish/front tls.cert.rollback');
    expect(await calls()).not.toContain('-n /var/lib/varnish/front tls.cert.commit');
    await write('tls.key', 'second');
    await eventually(() => script.log.includes('the renewed certificate is served'));
  });

  it('ends at once when its Pod does', async () => {
    script.signal('SIGTERM');
    expect(await script.exited()).toBe(0);
  });
});
