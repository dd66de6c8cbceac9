import { decodeBase64 } from '../../src/wasm/decode';
import { bytes as baseline } from '../../src/wasm/generated/baseline';
import type { Kernels } from '../../src/wasm/generated/kernels';
import { bytes as relaxed } from '../../src/wasm/generated/relaxed';
import { KernelMemory } from './kernel-memory';

export interface Variant {
  /** The raw exports of this variant. */
  readonly wasm: Kernels;
  /** Its memory, with guarded allocations; `reset()` before each case. */
  readonly memory: KernelMemory;
}

function instantiate(text: string): Variant {
  const memory = new WebAssembly.Memory({ initial: 1024 });
  const module = new WebAssembly.Module(decodeBase64(text));
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { wasm: exports as unknown as Kernels, memory: new KernelMemory(memory) };
}

const all: [name: string, text: string][] = [
  ['baseline', baseline],
  ['relaxed', relaxed],
];

/** Every kernel variant that this engine can compile, for `describe.each`. Node 20 has no relaxed SIMD. */
export const variants: [name: string, variant: Variant][] = all
  .filter(([, text]) => WebAssembly.validate(decodeBase64(text)))
  .map(([name, text]) => [name, instantiate(text)]);
