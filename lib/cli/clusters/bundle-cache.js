// @ts-check
/**
 * Bundles of TypeScript, kept in a cache folder and made again only when a file that went into them has
 * changed. It is JavaScript because it runs before anything can read TypeScript.
 */
const { createHash } = require('node:crypto');
const {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { homedir, tmpdir } = require('node:os');
const { join, resolve } = require('node:path');

/**
 * Whether nobody else can have put a file into the folder: bundles are run as they are found.
 *
 * @param {string} folder
 */
function isOurs(folder) {
  const { uid, mode } = lstatSync(folder);
  const user = process.getuid?.();
  return user === undefined || (uid === user && (mode & 0o022) === 0);
}

/**
 * The first folder that can be written to: an image may hold the project read-only.
 *
 * @param {string} root
 */
function cacheFolder(root) {
  const modules = join(root, 'node_modules');
  const user = process.getuid?.() ?? 'user';
  for (const folder of [
    ...(existsSync(modules) ? [join(modules, '.cache/docker-cache')] : []),
    join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'docker-cache'),
    join(tmpdir(), `docker-cache-${user}`),
  ]) {
    try {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (isOurs(folder)) return folder;
    } catch {
      // The next one, then.
    }
  }
  throw new Error('no cache folder can be written to; set XDG_CACHE_HOME to one that can');
}

/** @param {string} file */
function stamp(file) {
  const { mtimeMs, size } = statSync(file);
  return `${mtimeMs}:${size}`;
}

/**
 * @param {string} root
 * @param {string} recordFile
 * @returns {boolean} whether every input of the recorded bundle is as it was
 */
function isFresh(root, recordFile) {
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
 * @param {string} root
 * @param {string} name
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(root, name, options) {
  const key = createHash('sha256')
    .update(JSON.stringify([root, process.version, options, bundle.toString()]))
    .digest('hex')
    .slice(0, 12);
  const out = join(cacheFolder(root), `${name.replace(/[^\w.-]/g, '-')}-${key}.cjs`);
  if (isFresh(root, `${out}.json`) && existsSync(out)) return out;
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

/**
 * A folder whose TypeScript can be bundled.
 *
 * @typedef {object} Project
 * @property {string} root
 * @property {(name: string, options: import('esbuild').BuildOptions) => Promise<string>} bundle
 *   the path of an up-to-date bundle of that name; rejects with esbuild's BuildFailure
 */

/**
 * @param {string} folder
 * @returns {Project}
 */
function openProject(folder) {
  const root = resolve(folder);
  return { root, bundle: (name, options) => bundle(root, name, options) };
}

module.exports = { cacheFolder, openProject, writeAtomically };
