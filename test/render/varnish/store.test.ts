import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { largestStoredBlob, storedAtOnce } from '../../../lib/render/varnish/store';

describe('the largest blob that is stored', () => {
  it('is 3.2 GiB in a store of 20 GiB', () => {
    expect(largestStoredBlob(20 * 1024 ** 3)).toBe(3_400_182_442);
  });

  it('leaves room for all that are on their way', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 45 }), (bytes) => {
        expect(largestStoredBlob(bytes) * storedAtOnce).toBeLessThanOrEqual(bytes);
      }),
    );
  });
});
