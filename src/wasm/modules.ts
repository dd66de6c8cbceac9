// biome-ignore-all assist/source/organizeImports: the text comes first in every bundle (ARCHITECTURE.md, "… the text they travel in").
import { text } from './generated/text.js';
import { decode, toVariant } from './decode.js';
import type { Simd } from './simd.js';

/** The bytes of a single-threaded kernel module, inlined: nothing to find, fetch or configure. */
export function moduleBytes(simd: Simd): Uint8Array<ArrayBuffer> {
  return toVariant(decode(text), simd);
}

/** The kernels, compiled on this thread in a few milliseconds. */
export function compile(simd: Simd): WebAssembly.Module {
  return new WebAssembly.Module(moduleBytes(simd));
}

/** The kernels, compiled off this thread. */
export function compileAhead(simd: Simd): Promise<WebAssembly.Module> {
  return WebAssembly.compile(moduleBytes(simd));
}
