const { availableParallelism } = require('node:os');

/** Packages published as ECMAScript modules only; jest runs CommonJS, so they are compiled like our own files. */
const esmOnly = [
  'file-type',
  'strtok3',
  'token-types',
  'uint8array-extras',
  '@tokenizer/inflate',
  '@borewit/text-codec',
  'sql-template-tag',
  'qr',
];

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: [
    // Those need the engine of production, which takes minutes to build: `npm run test:machines` has it.
    ...(process.env.TEST_ENGINE === 'postgres' ? [] : ['/test/machines/']),
    // And those Java: `npm run test:fhir`.
    ...(process.env.TEST_FHIR_CLASSPATH === undefined ? ['/test/fhir/'] : []),
  ],
  testEnvironment: 'node',
  // jest asks for what require() may have, and file-type offers that under import alone.
  moduleNameMapper: { '^file-type$': '<rootDir>/node_modules/file-type/index.js' },
  // It ends what hangs, and judges nothing: machines differ too much in how fast they are for a test to say how long it takes.
  testTimeout: 1_200_000,
  // One more than cores: many files wait for timers and for processes of theirs most of the time.
  maxWorkers: Math.min(availableParallelism() + 1, 5),
  // What a file leaves behind, however little, comes to gigabytes over a hundred files: such a worker is begun anew.
  workerIdleMemoryLimit: '1200MB',
  testSequencer: '<rootDir>/tools/lib/jest-sequencer.cjs',
  transform: {
    '\\.[jt]s$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: false, useDefineForClassFields: false },
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
  },
  transformIgnorePatterns: [`/node_modules/(?!(${esmOnly.join('|')})/)`],
};
