import { readFileSync } from 'node:fs';
import { checkHtpasswdFile } from './check-htpasswd-file';

const [file] = process.argv.slice(2);
process.exitCode = checkHtpasswdFile(file, {
  read: (path) => readFileSync(path),
  say: (line) => {
    console.error(`check-htpasswd: ${line}`);
  },
});
