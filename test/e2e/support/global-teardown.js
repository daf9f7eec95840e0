const { spawnSync } = require('node:child_process');
const { join } = require('node:path');

/** Leaves nothing of a run that came to its end. */
module.exports = () => {
  spawnSync('sh', [join(__dirname, 'sweep.sh'), process.env.TMPDIR], { stdio: 'inherit' });
};
