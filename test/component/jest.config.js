/** Tests on real parts: one at a time, because they share two cores and start servers. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/component'],
  testPathIgnorePatterns: ['/node_modules/'],
  collectCoverageFrom: [],
  maxWorkers: 1,
  testTimeout: 120_000,
};
