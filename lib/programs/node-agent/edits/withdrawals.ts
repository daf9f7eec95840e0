import { daemonJsonWithdrawal } from './daemon-json-edit';
import type { FileKind, FileWithdrawal } from './file-edit';
import { hostsTomlWithdrawal } from './hosts-toml-edit';
import { markedFileWithdrawal } from './marked-file-edit';

/** How each kind of file is left again. */
export const withdrawals: Readonly<Record<FileKind, FileWithdrawal>> = {
  'hosts-toml': hostsTomlWithdrawal,
  'daemon-json': daemonJsonWithdrawal,
  'registries-conf': markedFileWithdrawal,
  ca: markedFileWithdrawal,
};
