import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defaultNodeImage, defaultRegistryImage } from '../lib';
import { comment, members, parts, settingsTables } from '../scripts/settings-table';

const squeezed = (text: string): string => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

describe("README's settings", () => {
  it('are those of the doc comments; npm run docs brings them up to date', () => {
    const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
    expect(squeezed(readme)).toContain(squeezed(settingsTables()));
  });

  it.each(parts)(
    'say what each of %s means, and its default when it may be left out',
    (_title, file, name) => {
      for (const member of members(file, name)) {
        const { meaning, fallback } = comment(member);
        const optional = member.questionToken !== undefined;
        expect({
          name: member.name.getText(),
          hasMeaning: meaning !== '',
          hasDefault: fallback !== undefined,
        }).toEqual({
          name: member.name.getText(),
          hasMeaning: true,
          hasDefault: optional,
        });
      }
    },
  );

  it('name the images that are really run', () => {
    const tables = settingsTables();
    expect(tables).toContain(defaultRegistryImage);
    expect(tables).toContain(defaultNodeImage);
  });
});
