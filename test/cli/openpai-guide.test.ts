import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { cli } from '../support/cli';
import { azureWithKey, htpasswdBase64, layout } from '../support/openpai-files';

const guide = readFileSync(resolve(__dirname, '../../docs/openpai.md'), 'utf8').replaceAll('\\\n', '');
const commands = [
  ...guide.matchAll(/^ *(?:npx )?docker-cache ((?:import|secret config\.yaml)[^#|\n]*)/gm),
].map(([, line = '']) => line.trim().split(/\s+/));
const users = `${azureWithKey}docker_cache_htpasswd: ${htpasswdBase64}\n`;

it('shows commands that work as they are printed', async () => {
  expect(commands.map(([verb]) => verb)).toEqual(expect.arrayContaining(['import', 'secret']));
  for (const args of commands) {
    const config = args.includes('--host') ? users : azureWithKey;
    const { code, error } = await cli(args, { files: { 'config.yaml': config, 'layout.yaml': layout } });
    expect({ args, code, error }).toEqual({ args, code: 0, error: '' });
  }
});
