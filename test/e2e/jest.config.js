/**
 * A real Kubernetes for each file, two at a time: each has a network of its own, and most of what they do is waiting.
 */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  testPathIgnorePatterns: ['/node_modules/'],
  collectCoverageFrom: [],
  globalSetup: '<rootDir>/test/e2e/support/global-setup.js',
  globalTeardown: '<rootDir>/test/e2e/support/global-teardown.js',
  maxWorkers: 2,
  testTimeout: 300_000,
  verbose: true,
};
