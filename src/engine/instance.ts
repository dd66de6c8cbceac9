import { instantiateSync } from '@assemblyscript/loader';
import type { Kernels } from '../wasm/generated/kernels.js';
import type { Simd } from '../wasm/simd.js';

export const PAGE = 65536;
/** The last page below 4 GiB is never used: an end pointer of 2^32 would wrap to 0. */
export const MAXIMUM_PAGES = 65535;

/** The raw exports of a kernel module on a memory. */
export function instantiate(module: WebAssembly.Module, memory: WebAssembly.Memory): Kernels {
  return instantiateSync(module, { env: { memory } }).instance.exports as unknown as Kernels;
}

/** Which variant a kernel module is. */
export function variantOf(module: WebAssembly.Module): Simd {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
  return instantiate(module, memory).variant() === 1 ? 'relaxed' : 'baseline';
}
