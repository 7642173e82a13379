import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Where CI wants the JSON report, in addition to the output for people. */
const report = process.env['TEST_REPORT'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    projects: [
      {
        extends: true,
        test: { name: 'fast', include: ['test/{unit,integration}/**/*.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          // Only these tests run the built functions, so only they wait for the build.
          globalSetup: ['test/support/e2e/build-once.ts'],
          // Above the two minutes after which a wait for the system fails, so that its error names what was missing.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
    ],
  },
});
