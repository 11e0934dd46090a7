import tseslint from 'typescript-eslint';

const portable = ['maths', 'scene', 'geometry', 'video', 'networks', 'motion', 'solve', 'pipeline'].map((d) => `src/${d}/**/*.ts`);

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', 'e2e/results/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['src/**/*.ts', 'e2e/**/*.ts', 'vite.config.ts'],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400 }],
      'prefer-const': 'error',
      eqeqeq: 'error',
    },
  },
  {
    // Results must repeat: portable code takes its randomness and its clock from the context.
    files: portable,
    ignores: ['**/*.test.ts'],
    rules: {
      'no-restricted-properties': ['error',
        { object: 'Math', property: 'random', message: 'Take the seeded Rng of the context.' },
        { object: 'Date', property: 'now', message: 'Take the clock of the context.' }],
    },
  },
);
