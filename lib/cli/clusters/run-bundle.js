// @ts-check
/** Runs TypeScript of this package from a bundle of it, the library and their dependencies. */
const { existsSync, readFileSync } = require('node:fs');
const Module = require('node:module');
const { dirname } = require('node:path');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');
const { openProject, writeAtomically } = require('./bundle-cache');

// A run of a quarter of a second is over before optimized code pays: what runs for long is optimized all the same.
setFlagsFromString('--interrupt-budget=1000000');

/**
 * Loads a CommonJS file with V8's compiled code of its last run, which halves what loading costs.
 *
 * @param {string} file
 * @param {string} codeFile
 */
function loadWithCode(file, codeFile) {
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
    if (script.cachedDataRejected === false) return;
    try {
      writeAtomically(codeFile, script.createCachedData());
    } catch {
      // It is only slower without.
    }
  };
  return { exports: loaded.exports, keepCode };
}

/**
 * Bundles the library and one module of the package, calls the module's `main` with the library that
 * runs, and makes its result the exit code.
 *
 * @param {object} options
 * @param {string} options.root the package's folder
 * @param {string} options.name what the bundle is called
 * @param {string} options.module path of the module below the root
 * @param {readonly string[]} [options.external] packages that are too large or too strange for a bundle
 */
async function runBundle({ root, name, module: main, external = [] }) {
  const file = await openProject(root).bundle(name, {
    stdin: { contents: `export * from './lib'; export { main } from './${main}';`, resolveDir: root },
    external: ['esbuild', ...external],
    minifySyntax: true,
    minifyWhitespace: true,
  });
  const { exports, keepCode } = loadWithCode(file, `${file}.code`);
  process.exitCode = await exports.main({ root, file });
  keepCode();
}

module.exports = { loadWithCode, runBundle };
