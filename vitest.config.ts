import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Examples import the package by its name; tests run them on the sources, like everything else.
  resolve: { alias: { simdgrad: fileURLToPath(new URL('src/index.ts', import.meta.url)) } },
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/bundlers/**', '**/node_modules/**'],
    testTimeout: 60_000,
    pool: 'forks',
  },
});
