import relaxed from '../kernels.relaxed.wasm';
import baseline from '../kernels.wasm';
import type { Simd } from './simd.js';

// In place of modules.ts where the host refuses bytes compiled at run time and wants modules imported as files:
// Cloudflare's workerd. scripts/build.mjs exchanges the two.
const modules = { baseline, relaxed };

export function compile(simd: Simd): WebAssembly.Module {
  return modules[simd];
}

export async function compileAhead(simd: Simd): Promise<WebAssembly.Module> {
  return modules[simd];
}
