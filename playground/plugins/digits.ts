import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { CLASSES, PIXELS } from '../src/digits/grid.ts';

const FILE = 'digits.bin';

/**
 * The 10,000 digits of the package `mnist` as one file: N label bytes, then N · 784 pixel bytes, gzipped by us (7.8 MB →
 * 1.6 MB), because few hosts compress a file whose type they do not know.
 */
function pack(): Buffer {
  const home = join(dirname(createRequire(import.meta.url).resolve('mnist/package.json')), 'src/digits');
  const classes = Array.from({ length: CLASSES }, (_, digit) => {
    const { data } = JSON.parse(readFileSync(join(home, `${digit}.json`), 'utf8')) as { data: number[] };
    return Uint8Array.from(data, (pixel) => Math.round(pixel * 255));
  });
  const labels = classes.map((pixels, digit) => new Uint8Array(pixels.length / PIXELS).fill(digit));
  return gzipSync(Buffer.concat([...labels, ...classes]), { level: 7 });
}

/** Serves that file in development and emits it in a build. */
export function digits(): Plugin {
  let file: Buffer | undefined;
  const bytes = () => {
    file ??= pack();
    return file;
  };
  return {
    name: 'digits',
    configureServer({ middlewares }) {
      middlewares.use(`/${FILE}`, (_request, response) => {
        response.setHeader('Content-Type', 'application/octet-stream');
        response.end(bytes());
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: FILE, source: bytes() });
    },
  };
}
