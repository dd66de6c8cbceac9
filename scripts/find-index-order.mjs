// Looks for an order of the exports in src/index.ts, within each folder, in which gzip makes the package smaller (bundlers keep
// it), and writes it there: after a build, node scripts/find-index-order.mjs 60 (seconds); then build again.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { anneal, random } from './anneal.mjs';

const file = new URL('../src/index.ts', import.meta.url);
const text = readFileSync(file, 'utf8');
const begin = text.indexOf('\nexport ') + 1;
const exports = text.slice(begin).split(/(?<=;\n)/);
/** @param {string} statement */
const path = (statement) => statement.replace(/.*from '\.\/(.+)'.*/s, '$1');
/** @param {string} statement */
const folder = (statement) => path(statement).split('/')[0];

/** The same without types, as tsc left them. */
const built = Object.fromEntries(
  readFileSync(new URL('../dist/index.js', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('export'))
    .map((line) => [path(line), line]),
);

const best = await anneal(exports, change, size, Number(process.argv[2] ?? 60));
writeFileSync(file, text.slice(0, begin) + best.join(''));

/** One export moved within its folder. @param {string[]} order */
function change(order) {
  const [from, to] = [random(order.length), random(order.length)];
  if (from === to || folder(order[from]) !== folder(order[to])) return undefined;
  const changed = [...order];
  changed.splice(to, 0, ...changed.splice(from, 1));
  return changed;
}

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
