/** A real Kubernetes, one scenario after the other: they share two cores and the addresses of one network. */
module.exports = {
  ...require('../../jest.config.js'),
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  testPathIgnorePatterns: ['/node_modules/'],
  collectCoverageFrom: [],
  maxWorkers: 1,
  testTimeout: 300_000,
  verbose: true,
};
