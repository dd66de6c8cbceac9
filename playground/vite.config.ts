import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { digits } from './plugins/digits.ts';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Without these a browser has no SharedArrayBuffer, and the package no threads. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

export default defineConfig({
  root: path('.'),
  // Relative, so that the built page works in any folder of any host.
  base: './',
  plugins: [digits()],
  resolve: {
    // The page imports the package by its name; here that is what `npm run build` made.
    alias: [
      { find: 'simdgrad/threads', replacement: path('../dist/threads/index.js') },
      { find: 'simdgrad', replacement: path('../dist/index.js') },
    ],
  },
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { outDir: path('dist'), emptyOutDir: true, target: 'es2022' },
});
