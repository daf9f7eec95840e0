const { spawn } = require('node:child_process');
const { mkdtempSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

/** Gives the run one temporary folder, and somebody who outlives it: a test that is killed cannot clean up. */
module.exports = () => {
  const folder = mkdtempSync(join(tmpdir(), 'docker-cache-e2e-'));
  process.env.TMPDIR = folder;
  const args = [join(__dirname, 'sweep.sh'), folder, String(process.pid)];
  spawn('sh', args, { detached: true, stdio: 'ignore' }).unref();
};
