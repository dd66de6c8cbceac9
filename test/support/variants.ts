import type { Kernels } from '../../src/wasm/generated/kernels';
import { moduleBytes } from '../../src/wasm/modules';
import type { Simd } from '../../src/wasm/simd';
import { KernelMemory } from './kernel_memory';

export interface Variant {
  /** The raw exports of this variant. */
  readonly wasm: Kernels;
  /** Its memory, with guarded allocations; `reset()` before each case. */
  readonly memory: KernelMemory;
}

function instantiate(simd: Simd): Variant {
  const memory = new WebAssembly.Memory({ initial: 1024, maximum: 65535 });
  const module = new WebAssembly.Module(moduleBytes(simd));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { wasm: exports as unknown as Kernels, memory: new KernelMemory(memory) };
}

/** Every kernel variant that this engine can compile, for `describe.each`. Node 20 has no relaxed SIMD. */
export const variants: [name: string, variant: Variant][] = (['baseline', 'relaxed'] as const)
  .filter((simd) => WebAssembly.validate(moduleBytes(simd)))
  .map((simd) => [simd, instantiate(simd)]);
