import { engine } from '../engine/engine.js';
import { instantiate, instantiateAhead, MAXIMUM_PAGES, PAGE } from '../engine/instance.js';
import type { Kernels } from '../wasm/generated/kernels.js';
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

/** A shared memory as large as the engine's, and kernels on it. */
export interface Destination {
  memory: WebAssembly.Memory;
  maximum: number;
  kernels: Kernels;
}

export function destination(module: WebAssembly.Module): Destination {
  const { memory, maximum } = sharedMemory();
  return { memory, maximum, kernels: instantiate(module, memory) };
}

/** The same off this thread. The engine's memory may have grown meanwhile. */
export async function destinationAhead(module: WebAssembly.Module): Promise<Destination> {
  const { memory, maximum } = sharedMemory();
  return { memory, maximum, kernels: await instantiateAhead(module, memory) };
}

/** Whether the whole heap has room there. */
export function fits({ memory }: Destination): boolean {
  return memory.buffer.byteLength >= engine.f32.byteLength;
}

/** Copies the heap to a new shared memory at the same offsets and swaps the instance: every handle stays valid. */
export function moveTo({ memory, maximum, kernels }: Destination): void {
  const old = engine.memory;
  new Uint8Array(memory.buffer).set(new Uint8Array(old.buffer, 0, engine.top));
  engine.wasm = engine.raw = kernels;
  engine.memory = memory;
  engine.maximumPages = maximum;
  engine.refreshViews();
  // Views that were handed out become empty instead of showing what nobody writes to any more.
  if (!isShared(old)) old.grow(0);
}

/** The maximum is reserved at once: halved until the host grants it. */
function sharedMemory(): { memory: WebAssembly.Memory; maximum: number } {
  const initial = engine.f32.byteLength / PAGE;
  for (let maximum = MAXIMUM_PAGES; ; maximum = Math.max(initial, maximum >>> 1)) {
    try {
      return { memory: new WebAssembly.Memory({ initial, maximum, shared: true }), maximum };
    } catch (error) {
      if (maximum === initial) throw error;
    }
  }
}
