#!/usr/bin/env node
// @ts-check
/** The `docker-cache` command: from its source where that is, else as the package has it. */
const { existsSync } = require('node:fs');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');

/** @returns {Promise<void>} */
async function run() {
  if (existsSync(join(root, 'lib/index.ts'))) {
    const { runBundle } = require('../lib/cli/clusters/run-bundle');
    return runBundle({ root, name: 'docker-cache', module: 'lib/cli/main' });
  }
  const { main } = require(join(root, 'build/cli/main.js'));
  process.exitCode = await main({ root, file: join(root, 'build/index.js') });
}

run().catch((error) => {
  process.stderr.write(`docker-cache: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
