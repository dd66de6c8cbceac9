// Looks for an order of the alphabet of the kernels' text in which gzip makes the package smaller, and writes it to
// wasm-text.mjs: after a build, node scripts/find-alphabet.mjs 60 (seconds); then build again. esbuild, whose short names are
// the letters that the text has often, has other names then, for which a second run may find a few bytes more.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { anneal, random } from './anneal.mjs';
import { bundle } from './bundle.mjs';
import { ALPHABET } from './wasm-text.mjs';

const file = new URL('wasm-text.mjs', import.meta.url);
const whole = Buffer.from(await bundle("export * from 'simdgrad'"));
const begin = whole.indexOf(ALPHABET);
const end = whole.indexOf('"', begin);
if (begin < 0) throw new Error('npm run build first');

const best = await anneal(ALPHABET, change, size, Number(process.argv[2] ?? 60));
writeFileSync(
  file,
  readFileSync(file, 'utf8').replace(ALPHABET, () => best),
);

/** Two characters exchanged. @param {string} alphabet */
function change(alphabet) {
  const [a, b] = [random(alphabet.length), random(alphabet.length)];
  const changed = [...alphabet];
  [changed[a], changed[b]] = [alphabet[b], alphabet[a]];
  return changed.join('');
}

/** Bytes, gzip, of a bundle with everything, its text in this alphabet. @param {string} alphabet */
function size(alphabet) {
  const to = new Uint8Array(127);
  for (let n = 0; n < ALPHABET.length; n++) to[ALPHABET.charCodeAt(n)] = alphabet.charCodeAt(n);
  const changed = Buffer.from(whole);
  for (let i = begin; i < end; i++) changed[i] = to[whole[i]];
  return gzipSync(changed, { level: 9 }).length;
}
