/** Tests that need nothing but Node; those on real parts have configurations of their own beside them. */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/(component|e2e|bench|tools)/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // For a machine that does something else too.
  testTimeout: 30_000,
  collectCoverageFrom: ['lib/**/*.ts', 'stacks/**/*.ts'],
  reporters: ['default', '<rootDir>/test/support/count-reporter.js'],
  coverageReporters: ['text-summary'],
};
