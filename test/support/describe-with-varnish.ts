import { describe, it } from '@jest/globals';
import { describeWithTools } from './tools';
import { varnishFolder } from './varnish';

/** A `describe` that needs Varnish and other real parts: fails under CI where one is missing, is skipped elsewhere. */
export function describeWithVarnish(title: string, parts: readonly string[], define: () => void): void {
  try {
    varnishFolder();
  } catch (error) {
    const reason = String(error);
    if (process.env['CI'] !== 'true') return describe.skip(`${title} (${reason})`, define);
    return describe(title, () => {
      it('finds Varnish', () => {
        throw new Error(reason);
      });
    });
  }
  describeWithTools(title, parts, define);
}
