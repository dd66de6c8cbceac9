// The order of the functions in the kernel modules and of the locals in each, which decides how much gzip finds: it
// looks back 32 KB, and what repeats has to have the same numbers. wasm-order.json holds what
// scripts/find-wasm-order.mjs found: each function, in order, with its rule for locals.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const FILE = new URL('wasm-order.json', import.meta.url);
/** A function as Binaryen indents it. */
const FUNCTION = /^ \(func [\s\S]*?^ \)\n/gm;
const LOCALS = /^ {2}\(local (\$\d+) (\w+)\)\n/gm;

/** @typedef {{ first: number, last: number, count: number }} Uses where a local is used in the text, and how often */
/** @type {((uses: Uses) => number)[]} */
const KEYS = [
  ({ first }) => first,
  ({ count }) => -count,
  ({ last }) => last,
  ({ last }) => -last,
  ({ last, first }) => first - last,
];
const TYPES = ['v128 i32 f32 f64 i64', 'v128 f64 f32 i32 i64', 'f32 v128 i32 f64 i64'].map((types) => types.split(' '));
/** How many unused v128 locals to add, which cost no byte: they shift the numbers of the locals behind them. */
const UNUSED = [0, 1, 2, 3];
/** Ways to sort the locals of a function: by type, and within a type by a key, one for vectors and one for the others. */
export const RULES = UNUSED.flatMap((unused) =>
  TYPES.flatMap((types) => KEYS.flatMap((vectors) => KEYS.map((others) => ({ unused, types, vectors, others })))),
);
/** The best one for all functions. */
const USUAL = 1;

/** @typedef {Record<string, number>} Order names of functions in their order, with the index of a rule */
/** @returns {Order} */
export function storedOrder() {
  return JSON.parse(readFileSync(FILE, 'utf8'));
}

/**
 * The same module in an order; functions that it does not name come first. As bytes, and as text with folded instructions
 * (operands nested in them).
 * @param {string} text in WebAssembly's text format, as asc writes it
 * @param {Order} [order]
 */
export async function ordered(text, order = storedOrder()) {
  const asc = createRequire(import.meta.url).resolve('assemblyscript/package.json');
  const { default: binaryen } = await import(pathToFileURL(createRequire(asc).resolve('binaryen')).href);
  const rest = text.replace(FUNCTION, '').replace(/\)\s*$/, '');
  const functions = functionsOf(text, order).map((source) =>
    withLocalsBy(RULES[order[nameOf(source)] ?? USUAL], source),
  );
  const module = binaryen.parseText(`${rest}${functions.join('')})`);
  module.setFeatures(binaryen.Features.All);
  const result = { bytes: module.emitBinary(), nested: module.emitText() };
  module.dispose();
  return result;
}

/** The order in which a module's functions stand after {@link ordered}, complete. @param {string} text @param {Order} order */
export function completed(text, order) {
  return Object.fromEntries(functionsOf(text, order).map((source) => [nameOf(source), order[nameOf(source)] ?? USUAL]));
}

/** @param {string} text @param {Order} order */
function functionsOf(text, order) {
  const names = Object.keys(order);
  return (text.match(FUNCTION) ?? []).sort((a, b) => names.indexOf(nameOf(a)) - names.indexOf(nameOf(b)));
}

/** @param {string} source */
function nameOf(source) {
  return /^ \(func \$(?:assembly\/)?(\S+)/.exec(source)?.[1] ?? '';
}

/** @param {typeof RULES[number]} rule @param {string} source */
function withLocalsBy({ unused, types, vectors, others }, source) {
  const uses = [...source.matchAll(/\blocal\.\w+ (\$\d+)/g)].map(([, name]) => name);
  const locals = [...source.matchAll(LOCALS)].map(([declaration, name, type]) => {
    const [first, last] = [uses.indexOf(name), uses.lastIndexOf(name)];
    const count = uses.filter((used) => used === name).length;
    return {
      declaration,
      type: types.indexOf(type),
      key: (type === 'v128' ? vectors : others)({ first, last, count }),
    };
  });
  const vector = types.indexOf('v128');
  if (locals.some(({ type }) => type === vector)) {
    const declarations = Array.from({ length: unused }, (_, i) => `  (local $unused${i} v128)\n`);
    locals.push(...declarations.map((declaration) => ({ declaration, type: vector, key: Infinity })));
  }
  const sorted = locals.sort((a, b) => a.type - b.type || a.key - b.key).map(({ declaration }) => declaration);
  return source.replace(LOCALS, () => sorted.splice(0).join(''));
}
