import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const effects = [
  'fs',
  'fs/promises',
  'child_process',
  'http',
  'https',
  'net',
  'os',
  'worker_threads',
].flatMap((name) => [name, `node:${name}`]);

/** A border: the named modules may not be imported by the named files. */
const border = (files, ignores, { paths = [], patterns = [], globals = [] }) => ({
  files,
  ignores,
  rules: {
    'no-restricted-imports': ['error', { paths, patterns }],
    'no-restricted-globals': ['error', ...globals],
  },
});

export default tseslint.config(
  { ignores: ['build/', 'coverage/', 'dist/', 'node_modules/', 'test/tools/'] },
  js.configs.recommended,
  {
    files: ['**/*.js', '**/*.cjs'],
    languageOptions: {
      globals: {
        module: 'readonly',
        require: 'readonly',
        __dirname: 'readonly',
        __filename: 'readonly',
        process: 'readonly',
      },
    },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strict],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/prefer-nullish-coalescing': 'error',
      '@typescript-eslint/no-unnecessary-condition': 'error',
      '@typescript-eslint/no-redeclare': 'off',
      '@typescript-eslint/no-invalid-void-type': 'off',
      'max-lines': ['error', { max: 220, skipBlankLines: true, skipComments: true }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  // render and secret-values: pure, no effects.
  border(['lib/render/**/*.ts', 'lib/secret-values/**/*.ts'], [], {
    paths: effects,
    patterns: ['@pulumi/*', 'cdk8s', 'cdk8s-plus-27', 'constructs', '**/stacks/**'],
    globals: ['process', 'fetch', 'console'],
  }),
  // lib: no files, no environment, no Pulumi, outside the folders that exist for them.
  border(['lib/**/*.ts'], ['lib/{programs,openpai,cli,pulumi,render,secret-values}/**'], {
    paths: effects,
    patterns: ['@pulumi/*', '**/stacks/**'],
    globals: ['process', 'fetch', 'console'],
  }),
  border(['lib/{programs,openpai,cli}/**/*.ts'], [], { patterns: ['@pulumi/*', '**/stacks/**'] }),
  border(['lib/pulumi/**/*.ts'], [], {
    paths: [
      ...effects,
      { name: '@pulumi/azure-native', message: 'import the module that is needed: the root takes seconds' },
    ],
    patterns: ['**/stacks/**'],
  }),
);
