import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';

/** Compares a whole text with a file of `expected/`; `UPDATE_EXPECTED=1` writes the file, for a reader to review. */
export function expectFile(name: string, text: string): void {
  const file = join(__dirname, 'expected', name);
  if (process.env['UPDATE_EXPECTED'] === '1') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
}
