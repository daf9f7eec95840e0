// @ts-check
/**
 * Bundles of TypeScript, kept below node_modules/.cache and made again only when a file that went into
 * them has changed. It is JavaScript because it runs before anything can read TypeScript.
 */
const { createHash } = require('node:crypto');
const { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

const root = resolve(__dirname, '..');

/** The first folder that can be written to: an image may hold the project read-only. */
function cacheFolder() {
  for (const folder of [
    join(root, 'node_modules/.cache/docker-cache'),
    join(tmpdir(), `docker-cache-${process.getuid?.() ?? 'user'}`),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      return folder;
    } catch {
      // The next one, then.
    }
  }
  throw new Error('neither node_modules/.cache nor the temporary folder can be written to');
}

/** @param {string} file */
function stamp(file) {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs}:${size}`;
}

/**
 * @param {string} recordFile
 * @returns {boolean} whether every input of the recorded bundle is as it was
 */
function isFresh(recordFile) {
  try {
    /** @type {Record<string, string>} */
    const inputs = JSON.parse(readFileSync(recordFile, 'utf8'));
    return Object.entries(inputs).every(([file, was]) => stamp(join(root, file)) === was);
  } catch {
    return false;
  }
}

/**
 * @param {string} file
 * @param {string | Uint8Array} content
 */
function writeAtomically(file, content) {
  const temporary = `${file}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, file);
}

/**
 * The path of an up-to-date bundle.
 *
 * @param {string} name what the bundle is called
 * @param {import('esbuild').BuildOptions} options esbuild's, without its output
 * @returns {Promise<string>}
 * @throws esbuild's BuildFailure
 */
async function bundle(name, options) {
  const key = createHash('sha256')
    .update(JSON.stringify([root, process.version, options, readFileSync(__filename, 'utf8')]))
    .digest('hex')
    .slice(0, 12);
  const out = join(cacheFolder(), `${name.replace(/[^\w.-]/g, '-')}-${key}.cjs`);
  if (isFresh(`${out}.json`)) return out;
  const { build } = require('esbuild');
  const result = await build({
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'silent',
    absWorkingDir: root,
    ...options,
    metafile: true,
    write: false,
    outfile: out,
  });
  const inputs = Object.keys(result.metafile.inputs).filter((file) => file !== '<stdin>');
  const record = Object.fromEntries(inputs.map((file) => [file, stamp(join(root, file))]));
  const [output] = result.outputFiles;
  if (output === undefined) throw new Error(`no bundle of ${name}`);
  writeAtomically(out, output.contents);
  writeAtomically(`${out}.json`, JSON.stringify(record));
  return out;
}

/** @typedef {{ readonly root: string, readonly bundle: typeof bundle }} Project */

module.exports = { bundle, root, writeAtomically };
