// Looks for an order of the functions in the kernel modules in which gzip makes the package smaller, and writes it to
// wasm-order.json: after a build, node scripts/find-wasm-order.mjs 60 (seconds); then build again.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { FILE, functions, nameOf, ordered } from './wasm-order.mjs';
import { encode } from './wasm-text.mjs';
import { variant } from './wasm-variants.mjs';

/** How many bytes more are kept at first, about. */
const MOST_AT_FIRST = 2;

await search(Number(process.argv[2] ?? 60));

/** Moves functions at random; what makes the package larger is kept, too, but ever less (simulated annealing). @param {number} seconds */
async function search(seconds) {
  const root = new URL('../', import.meta.url);
  const wat = readFileSync(new URL('build/kernels.wat', root), 'utf8');
  const module = variant((await ordered(wat)).bytes, wat, 'text');
  const names = functions(wat).map(nameOf);
  const { start: from, end, bodies } = codeOf(module);
  const [head, tail] = readFileSync(new URL('dist/simdgrad.min.js', root), 'utf8').split(encode(module));
  if (tail === undefined || bodies.length !== names.length) throw new Error('npm run build first');
  const texts = bodies.map(encode);
  const before = head + encode(module.subarray(0, from));
  const after = encode(module.subarray(end)) + tail;
  /** @param {number[]} order */
  const size = (order) => gzipSync(before + order.map((i) => texts[i]).join('') + after, { level: 9 }).length;

  let best = names.map((_, i) => i);
  let least = size(best);
  console.log(`${least} bytes`);
  let [current, bytes] = [best, least];
  const start = Date.now();
  for (let left = 1; left > 0; left = 1 - (Date.now() - start) / (seconds * 1000)) {
    const order = [...current];
    const moved = order.splice(random(order.length), Math.random() < 0.5 ? 1 : 1 + random(4));
    order.splice(random(order.length + 1), 0, ...moved);
    const next = size(order);
    if (next > bytes && Math.random() > Math.exp((bytes - next) / (MOST_AT_FIRST * left))) continue;
    [current, bytes] = [order, next];
    if (bytes > least) continue;
    [best, least] = [current, bytes];
  }
  console.log(`${least} bytes`);
  const found = best.map((i) => names[i]);
  writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
}

/** @param {number} below */
function random(below) {
  return Math.floor(Math.random() * below);
}

/** The bodies in the code section, with their lengths, and where the first begins and the last ends. @param {Uint8Array} module */
function codeOf(module) {
  let at = 8;
  const leb = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = module[at++];
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  for (;;) {
    const id = module[at++];
    const next = leb() + at;
    if (id === 10) break;
    at = next;
  }
  const count = leb();
  const start = at;
  const bodies = [];
  for (let i = 0; i < count; i++) {
    const from = at;
    const length = leb();
    at += length;
    bodies.push(module.subarray(from, at));
  }
  return { start, end: at, bodies };
}
