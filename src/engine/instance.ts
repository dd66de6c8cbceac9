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

/** The same for pages before Chrome 115, which may not wait for more than 4 KB of code. */
export async function instantiateAhead(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  return (await WebAssembly.instantiate(module, { env: { memory } })).exports as unknown as Kernels;
}

/** Which variant a kernel module is. */
export async function variantOf(module: WebAssembly.Module): Promise<Simd> {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: MAXIMUM_PAGES });
  return (await instantiateAhead(module, memory)).variant() === 1 ? 'relaxed' : 'baseline';
}
