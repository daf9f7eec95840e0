// @ts-check
/** Runs the cdk8s front end: `node stacks/run.js`. */
const { resolve } = require('node:path');
const { runBundle } = require('../lib/cli/clusters/run-bundle');

runBundle({ root: resolve(__dirname, '..'), name: 'cdk8s', module: 'stacks/cdk8s' }).catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
