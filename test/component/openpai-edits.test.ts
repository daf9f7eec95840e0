import { expect, it } from '@jest/globals';
import { tryEdits } from '../support/openpai-edits';

it.each([1, 2, 3])(
  'makes a valid cluster or a clear error of 10000 edits more (%i), and tells no secret',
  (seed) => {
    const clusters = tryEdits(10_000, seed);
    expect(clusters).toBeGreaterThan(2_000);
    expect(clusters).toBeLessThan(8_000);
  },
);
