import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name; tests run them on the sources, like everything else.
  resolve: { alias: { simdgrad: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/{package,docs,bundlers,playground}/**', '**/node_modules/**'],
          setupFiles: ['test/support/setup.ts'],
          testTimeout: 60_000,
          pool: 'forks',
        },
      },
      {
        // What needs dist/: the tarball in a fresh project, the code in the documents.
        test: {
          name: 'package',
          include: ['test/{package,docs}/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          pool: 'forks',
          fileParallelism: false,
        },
      },
      {
        // The page in Chromium: npm run test:playground.
        extends: true,
        test: {
          name: 'playground',
          include: ['test/playground/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          pool: 'forks',
        },
      },
    ],
  },
});
