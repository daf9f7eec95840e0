import Module from 'node:module';

/** Stands in for jest, which the helpers of the tests name and which refuses to be loaded outside of a test. */
const nothing = (): void => undefined;
const path = require.resolve('@jest/globals');
require.cache[path] = Object.assign(new Module(path), {
  loaded: true,
  exports: { describe: nothing, it: nothing },
});
