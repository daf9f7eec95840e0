import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { cli } from '../support/cli';
import { edited, tells, tryEdits } from '../support/openpai-edits';
import { layout } from '../support/openpai-files';

describe('any edit of a valid config.yaml', () => {
  it('makes a valid cluster or a clear error, and tells no secret', () => {
    const clusters = tryEdits(2_500, 9);
    // Edits that all break the file, or none, would prove nothing.
    expect(clusters).toBeGreaterThan(500);
    expect(clusters).toBeLessThan(2_000);
  });

  it('is imported, or refused with exit code 1 and nothing written', async () => {
    await fc.assert(
      fc.asyncProperty(edited, async (text) => {
        const files = { 'config.yaml': text, 'layout.yaml': layout };
        const run = await cli(['import', 'config.yaml', '--layout', 'layout.yaml'], { files });
        const all = `${run.out}${run.error}${Object.values(run.written).join('')}`;
        expect(tells(all)).toBe(false);
        expect(all).not.toMatch(/\n {4}at |docker-cache: /);
        if (run.code === 0) expect(Object.keys(run.written)).toEqual(['stacks/clusters/openpai.ts']);
        else expect(run).toMatchObject({ code: 1, out: '', written: {} });
        if (run.code !== 0) expect(run.error).toMatch(/^config\.yaml(:\d+)?: .+; .+\n/);
      }),
      { numRuns: 200, seed: 9 },
    );
  });
});
