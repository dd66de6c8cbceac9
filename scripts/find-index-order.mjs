// Looks for an order of the exports in src/index.ts, within each folder, in which gzip makes the package smaller (bundlers keep
// it), and writes it there: after a build, node scripts/find-index-order.mjs 60 (seconds); then build again.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/** The temperature at the start: about how many bytes larger a package is still accepted. */
const MOST_AT_FIRST = 6;

const file = new URL('../src/index.ts', import.meta.url);
const text = readFileSync(file, 'utf8');
const begin = text.indexOf('\nexport ') + 1;
const exports = text.slice(begin).split(/(?<=;\n)/);
/** @param {string} statement */
const path = (statement) => /from '\.\/(.+)'/.exec(statement)[1];
/** @param {string} statement */
const folder = (statement) => path(statement).split('/')[0];

/** The same without types, as tsc left them. */
const built = Object.fromEntries(
  readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('export'))
    .map((line) => [path(line), line]),
);

let [best, current] = [exports, exports];
let least = await size(exports);
let bytes = least;
console.log(`${least} bytes`);
const start = Date.now();
const milliseconds = Number(process.argv[2] ?? 60) * 1000;
for (let left = 1; left > 0; left = 1 - (Date.now() - start) / milliseconds) {
  const order = [...current];
  const [from, to] = [random(order.length), random(order.length)];
  if (folder(order[from]) !== folder(order[to])) continue;
  order.splice(to, 0, ...order.splice(from, 1));
  const next = await size(order);
  // What makes the package larger is kept, too, but ever less (simulated annealing).
  if (next > bytes && Math.random() > Math.exp((bytes - next) / (MOST_AT_FIRST * left))) continue;
  [current, bytes] = [order, next];
  if (bytes < least) [best, least] = [current, bytes];
}
writeFileSync(file, text.slice(0, begin) + best.join(''));
console.log(`${least} bytes`);

/** Of what a bundle with everything weighs. @param {string[]} order */
async function size(order) {
  const { outputFiles } = await build({
    stdin: {
      contents: order.map((statement) => built[path(statement)] ?? '').join('\n'),
      resolveDir: fileURLToPath(new URL('../dist', import.meta.url)),
    },
    bundle: true,
    format: 'esm',
    minify: true,
    write: false,
  });
  return gzipSync(outputFiles[0].contents, { level: 9 }).length;
}

/** @param {number} n */
function random(n) {
  return Math.floor(Math.random() * n);
}
