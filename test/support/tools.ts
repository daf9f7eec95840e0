import { describe, it } from '@jest/globals';
import { missingParts } from './find-tools';
import { toolOf } from './tool-catalog';

export { findDebian, findTool, missingParts } from './find-tools';

/** A `describe` that needs real parts: where one is missing it fails under CI, and is skipped by name elsewhere. */
export function describeWithTools(title: string, parts: readonly string[], define: () => void): void {
  const missing = missingParts(parts);
  if (missing.length === 0) return describe(title, define);
  const reason = `missing: ${missing.join(', ')}`;
  if (process.env['CI'] !== 'true') return describe.skip(`${title} (${reason})`, define);
  describe(title, () => {
    it('finds the real parts that it needs', () => {
      throw new Error(`${reason}; run: ${missing.map(remedy).join(' && ')}`);
    });
  });
}

function remedy(part: string): string {
  return part.startsWith('debian:')
    ? `apt-get install -y ${part.slice('debian:'.length)}`
    : `bash test/tools/build.sh ${toolOf(part)?.name ?? part}`;
}
