// @ts-check
const { appendFileSync } = require('node:fs');

/** Adds a run's counts as a line to the file that TEST_COUNTS names, for a sum over several runs. */
class CountReporter {
  /**
   * @param {unknown} _contexts
   * @param {import('@jest/reporters').AggregatedResult} results
   */
  onRunComplete(_contexts, results) {
    const file = process.env['TEST_COUNTS'];
    if (file === undefined) return;
    // A file that does not even load runs no test, and is a failure all the same.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    appendFileSync(file, `${results.numPassedTests} ${failed} ${results.numPendingTests}\n`);
  }
}

module.exports = CountReporter;
