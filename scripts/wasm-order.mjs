// The order of the functions in the kernel modules and of the locals in each, which decides how much gzip finds: it
// looks back 32 KB, and what repeats has to have the same numbers. wasm-order.json holds what
// scripts/find-wasm-order.mjs found.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

export const FILE = new URL('wasm-order.json', import.meta.url);
/** A function as Binaryen indents it. */
const FUNCTION = /^ \(func [\s\S]*?^ \)\n/gm;
const LOCALS = /^ {2}\(local (\$\d+) (\w+)\)\n/gm;

/**
 * The same module with its functions in the order of wasm-order.json; those that it does not name come first. As bytes,
 * and as text in which operands stand inside of their instructions.
 * @param {string} text in WebAssembly's text format, as asc writes it
 */
export async function ordered(text) {
  const asc = createRequire(import.meta.url).resolve('assemblyscript/package.json');
  const { default: binaryen } = await import(pathToFileURL(createRequire(asc).resolve('binaryen')).href);
  const rest = text.replace(FUNCTION, '').replace(/\)\s*$/, '');
  const module = binaryen.parseText(`${rest}${functions(text).join('')})`);
  module.setFeatures(binaryen.Features.All);
  const result = { bytes: module.emitBinary(), nested: module.emitText() };
  module.dispose();
  return result;
}

/** The functions of a module in that order. @param {string} text */
export function functions(text) {
  /** @type {string[]} */
  const order = JSON.parse(readFileSync(FILE, 'utf8'));
  return (text.match(FUNCTION) ?? [])
    .sort((a, b) => order.indexOf(nameOf(a)) - order.indexOf(nameOf(b)))
    .map(withLocalsInOrder);
}

/** Vectors by their first use, then the others, of each type the most used first. @param {string} source */
function withLocalsInOrder(source) {
  const uses = [...source.matchAll(/\blocal\.\w+ (\$\d+)/g)].map(([, name]) => name);
  const locals = [...source.matchAll(LOCALS)].map(([declaration, name, type]) => ({
    declaration,
    type: ['v128', 'i32', 'f32', 'f64', 'i64'].indexOf(type),
    use: type === 'v128' ? uses.indexOf(name) : -uses.filter((used) => used === name).length,
  }));
  const declarations = locals.sort((a, b) => a.type - b.type || a.use - b.use).map(({ declaration }) => declaration);
  return source.replace(LOCALS, () => declarations.shift() ?? '');
}

/** @param {string} source */
export function nameOf(source) {
  return /^ \(func \$(?:assembly\/)?(\S+)/.exec(source)?.[1] ?? '';
}
