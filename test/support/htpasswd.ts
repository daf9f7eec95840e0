import { execFileSync } from 'node:child_process';
import { findDebian } from './find-tools';

/** A users' file with bcrypt hashes of the least cost; it needs `debian:apache2-utils`. */
export function htpasswd(users: Readonly<Record<string, string>>): string {
  return Object.entries(users)
    .map(([user, password]) =>
      execFileSync(findDebian('apache2-utils'), ['-niBC', '4', user], {
        input: password,
        encoding: 'utf8',
      }).trim(),
    )
    .map((line) => `${line}\n`)
    .join('');
}
