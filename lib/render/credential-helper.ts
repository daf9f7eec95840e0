/** A program that tells the registry the login to its upstream, as Docker's credential helpers do. */
const anonymous = `#!/bin/sh
# Anonymous: the upstream is asked without a login.
printf '{"ServerURL":"","Username":"","Secret":""}'
`;

/**
 * Reads the login at each call, so that a rotated Secret is taken up.
 * In JSON \\ and " must be escaped; the login's files hold no other character that JSON refuses.
 */
function fromFiles(folder: string): string {
  return `#!/bin/sh
# The login to the upstream, from the files of its Secret, as JSON.
set -eu
json() { sed -e 's/\\\\/\\\\\\\\/g' -e 's/"/\\\\"/g' "$1" | tr -d '\\r\\n'; }
username=$(json ${folder}/username)
password=$(json ${folder}/password)
printf '{"ServerURL":"","Username":"%s","Secret":"%s"}' "$username" "$password"
`;
}

/** Where the files `username` and `password` are; without a folder the helper is anonymous. */
export function credentialHelper(folder?: string): string {
  return folder === undefined ? anonymous : fromFiles(folder);
}
