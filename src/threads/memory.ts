import { engine } from '../engine/engine.js';
import { instantiate, MAXIMUM_PAGES, PAGE } from '../engine/instance.js';
import { moduleBytes } from '../wasm/modules.js';
import { sharedModuleBytes } from '../wasm/shared.js';
import type { Simd } from '../wasm/simd.js';

const modules = new Map<Simd, WebAssembly.Module>();

/** The kernels for a shared memory, compiled off this thread. */
export async function sharedModule(simd: Simd): Promise<WebAssembly.Module> {
  let module = modules.get(simd);
  if (module === undefined) {
    module = await WebAssembly.compile(sharedModuleBytes(moduleBytes(simd)));
    modules.set(simd, module);
  }
  return module;
}

export function isShared(memory: WebAssembly.Memory | undefined): boolean {
  return memory !== undefined && memory.buffer instanceof SharedArrayBuffer;
}

/** Copies the heap to a new shared memory at the same offsets and swaps the instance: every handle stays valid. */
export function moveTo(module: WebAssembly.Module): void {
  const old = engine.memory;
  const { memory, maximum } = sharedMemory(old.buffer.byteLength / PAGE);
  const wasm = instantiate(module, memory);
  new Uint8Array(memory.buffer).set(new Uint8Array(engine.memory.buffer, 0, engine.top));
  engine.wasm = engine.raw = wasm;
  engine.memory = memory;
  engine.maximumPages = maximum;
  engine.refreshViews();
  // Views that were handed out become empty instead of showing what nobody writes to any more.
  if (!isShared(old)) old.grow(0);
}

/** The maximum is reserved at once: halved until the host grants it. */
function sharedMemory(initial: number): { memory: WebAssembly.Memory; maximum: number } {
  for (let maximum = MAXIMUM_PAGES; ; maximum = Math.max(initial, maximum >>> 1)) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared: true }), maximum };
    } catch (error) {
      if (maximum === initial) throw error;
    }
  }
}
