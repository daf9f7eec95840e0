import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { settingsTables } from './settings-table';

const file = resolve(__dirname, '../README.md');
const readme = readFileSync(file, 'utf8');
const start = '<!-- settings: npm run docs -->';
const end = '<!-- end of settings -->';
const [before, rest] = readme.split(start);
const after = rest?.split(end)[1];
if (before === undefined || after === undefined) throw new Error(`README.md has no ${start} … ${end}`);
writeFileSync(file, `${before}${start}\n\n${settingsTables()}\n\n${end}${after}`);
