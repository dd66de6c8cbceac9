import { applyPatch, decode } from './decode.js';
import { text as baseline } from './generated/baseline.js';
import { text as relaxed } from './generated/relaxed.js';
import type { Simd } from './simd.js';

/** The bytes of a single-threaded kernel module, inlined: nothing to find, fetch or configure. */
export function moduleBytes(simd: Simd): Uint8Array<ArrayBuffer> {
  const bytes = decode(baseline);
  return simd === 'relaxed' ? applyPatch(bytes, decode(relaxed)) : bytes;
}

/** The kernels, compiled on this thread in a few milliseconds. */
export function compile(simd: Simd): WebAssembly.Module {
  return new WebAssembly.Module(moduleBytes(simd));
}

/** The kernels, compiled off this thread. */
export function compileAhead(simd: Simd): Promise<WebAssembly.Module> {
  return WebAssembly.compile(moduleBytes(simd));
}
