import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromium, firefox } from './test/browser/browsers.ts';
import { launching } from './test/browser/provider.ts';

type Engine = 'chromium' | 'firefox';

const providers = {
  chromium: playwright({
    launchOptions: {
      ...(chromium && { executablePath: chromium.command }),
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run'],
    },
  }),
  firefox: launching(firefox),
};

/** The unit tests in an installed browser, once for each SIMD variant: what needs Node itself stays out. */
function inBrowser(browser: Engine) {
  return (['relaxed', 'baseline'] as const).map((simd) => ({
    extends: true as const,
    define: { 'process.env': JSON.stringify({ SIMDGRAD_SIMD: simd }) },
    // Isolated, so that SharedArrayBuffer is there.
    server: {
      headers: { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' },
    },
    test: {
      name: `${browser}-${simd}`,
      include: [
        'test/{elementwise,gemm,reduce,softmax,loss,shape,math,optim,ops,layers,tensor,engine,train}/**/*.test.ts',
      ],
      exclude: ['test/engine/backend.test.ts', 'test/tensor/inspect.test.ts'],
      setupFiles: ['test/support/setup.ts'],
      testTimeout: 60_000,
      browser: {
        enabled: true,
        headless: true,
        screenshotFailures: false,
        provider: providers[browser],
        instances: [{ browser }],
      },
    },
  }));
}

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
          exclude: ['test/{package,docs,bundlers,browser,playground}/**', '**/node_modules/**'],
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
        // What only a browser can show.
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          testTimeout: 60_000,
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
      ...(chromium === undefined ? [] : inBrowser('chromium')),
      ...(firefox === undefined ? [] : inBrowser('firefox')),
    ],
  },
});
