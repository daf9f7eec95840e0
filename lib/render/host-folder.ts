/** A folder as a container sees it and as the node knows it, and the group that must be able to write there. */
export interface HostFolder {
  readonly folder: string;
  readonly hostFolder: string;
  readonly group: number;
}

/** Makes a folder writable for the registry's group; runs as uid 0 without any capability. */
export function prepareFolderScript({ folder, hostFolder, group }: HostFolder): string {
  return `set -eu
if [ "$(stat -c '%g %a' ${folder})" = '${group} 2770' ]; then exit 0; fi
if chgrp ${group} ${folder} && chmod 2770 ${folder}; then exit 0; fi
echo "${hostFolder} is not root's: run on the node: chgrp ${group} '${hostFolder}' && chmod 2770 '${hostFolder}', and state prepared: true" >&2
exit 1
`;
}

/** Checks as the registry's user that a folder can be written to. */
export function checkFolderScript({ folder, hostFolder, group }: HostFolder): string {
  return `set -eu
probe=${folder}/.docker-cache-probe-$$
if (umask 077 && : >"$probe") 2>/dev/null && rm "$probe"; then exit 0; fi
echo "${hostFolder} is not writable for group ${group}: run on the node: chgrp ${group} '${hostFolder}' && chmod 2770 '${hostFolder}'" >&2
exit 1
`;
}
