import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';
import { describeWithTools, findTool } from '../support/tools';

const folder = resolve(__dirname, '../../.github/workflows');

describeWithTools('the workflows of whoever adopts this repository', ['actionlint'], () => {
  it.each(readdirSync(folder))('%s is one that GitHub understands', (file) => {
    expect(execFileSync(findTool('actionlint'), [join(folder, file)], { encoding: 'utf8' })).toBe('');
  });
});
