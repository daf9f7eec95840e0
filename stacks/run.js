// @ts-check
/** Runs the cdk8s front end from a bundle of it, the library and their dependencies: `node stacks/run.js`. */
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const { Script } = require('node:vm');
const { bundle, root, writeAtomically } = require('./bundle-cache');

/**
 * Loads a CommonJS file with V8's compiled code of its last run, which halves what loading costs.
 *
 * @param {string} file
 */
function load(file) {
  const codeFile = `${file}.code`;
  const script = new Script(Module.wrap(readFileSync(file, 'utf8')), {
    filename: file,
    cachedData: existsSync(codeFile) ? readFileSync(codeFile) : undefined,
  });
  const loaded = new Module(file);
  loaded.filename = file;
  loaded.loaded = true;
  // Cluster files ask for the library by this file's name, and must get this very instance.
  require.cache[file] = loaded;
  script.runInThisContext()(loaded.exports, Module.createRequire(file), loaded, file, dirname(file));
  const keepCode = () => {
    if (script.cachedDataRejected !== false) writeAtomically(codeFile, script.createCachedData());
  };
  return { exports: loaded.exports, keepCode };
}

async function run() {
  const file = await bundle('cdk8s', {
    stdin: {
      contents: `export * from './lib'; export { main } from './stacks/cdk8s';`,
      resolveDir: root,
    },
    external: ['esbuild'],
    minifySyntax: true,
    minifyWhitespace: true,
  });
  const { exports, keepCode } = load(file);
  process.exitCode = await exports.main({
    project: { root, bundle },
    libraryFile: file,
    environment: process.env,
  });
  keepCode();
}

run().catch((error) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
});
