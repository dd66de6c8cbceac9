// Looks for an order of the functions in the kernel modules, and of the locals in each, in which gzip makes the package
// smaller, and writes it to wasm-order.json: after a build, node scripts/find-wasm-order.mjs 300 (seconds, after a minute of
// preparation); then build again.
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { anneal, random } from './anneal.mjs';
import { bundle } from './bundle.mjs';
import { completed, FILE, ordered, RULES, storedOrder } from './wasm-order.mjs';
import { encode } from './wasm-text.mjs';
import { variant } from './wasm-variants.mjs';

await search(Number(process.argv[2] ?? 120));

/** @param {number} seconds */
async function search(seconds) {
  const root = new URL('../', import.meta.url);
  const wat = readFileSync(new URL('build/kernels.wat', root), 'utf8');
  const stored = completed(wat, storedOrder());
  const names = Object.keys(stored);
  /** @param {Record<string, number>} order */
  const moduleIn = async (order) => variant((await ordered(wat, order)).bytes, wat, 'text');
  const module = await moduleIn(stored);
  const { start: from, end, bodies } = codeOf(module);
  const everything = Buffer.from(await bundle("export * from 'simdgrad'")).toString();
  const [head, tail] = everything.split(encode(module));
  if (tail === undefined || bodies.length !== names.length) throw new Error('npm run build first');
  /** By rule and by function. @type {string[][]} */
  const texts = [];
  for (const rule of RULES.keys()) {
    const all = Object.fromEntries(names.map((name) => [name, rule]));
    texts.push(codeOf(await moduleIn(all)).bodies.map(encode));
  }
  const before = head + encode(module.subarray(0, from));
  const after = encode(module.subarray(end)) + tail;
  /** @typedef {{ order: number[], rules: number[] }} State */
  /** @param {State} state */
  const size = ({ order, rules }) =>
    gzipSync(before + order.map((i) => texts[rules[i]][i]).join('') + after, { level: 9 }).length;

  /** @type {State} */
  const first = { order: names.map((_, i) => i), rules: Object.values(stored) };
  /** @param {State} state */
  const change = (state) => {
    const [order, rules] = [[...state.order], [...state.rules]];
    if (Math.random() < 0.5) {
      const moved = order.splice(random(order.length), Math.random() < 0.5 ? 1 : 1 + random(4));
      order.splice(random(order.length + 1), 0, ...moved);
    } else {
      const i = random(names.length);
      const rule = random(RULES.length);
      if (texts[rule][i] === texts[rules[i]][i]) return undefined;
      rules[i] = rule;
    }
    return { order, rules };
  };
  const best = await anneal(first, change, size, seconds);
  const found = Object.fromEntries(best.order.map((i) => [names[i], best.rules[i]]));
  writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
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
