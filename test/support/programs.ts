import type { Programs } from '../../lib';

/** One line for each bundled program, so that a snapshot shows what a person must review. */
export const standInPrograms: Programs = {
  nodeAgent: '// the bundle of lib/programs/node-agent\n',
  createContainer: '// the bundle of lib/programs/create-container\n',
  checkHtpasswd: '// the bundle of lib/programs/check-htpasswd\n',
};
