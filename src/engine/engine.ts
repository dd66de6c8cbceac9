import type { Kernels } from '../wasm/generated/kernels.js';
import { compile, compileAhead } from '../wasm/modules.js';
import { hasRelaxedSimd, hasSimd, tileRows } from '../wasm/probe.js';
import type { Simd } from '../wasm/simd.js';
import { OutOfMemoryError, SimdgradError } from './errors.js';
import { Heap } from './heap.js';
import { instantiate, instantiateAhead, MAXIMUM_PAGES, PAGE } from './instance.js';
import { roomOnStack } from './stack.js';

/** 64 MiB: reserved, not touched, so they cost address space only. */
const INITIAL_PAGES = 1024;
/** Bytes behind the heap: kernels may read so many after the last element of an operand. */
const BEHIND = 64;

/** The first page stays out of the heap: offset 0 means "none", and the threads keep their words there. */
const HEAP_BASE = PAGE;
/** Where {@link Engine.scalar} stands, in the part of that page that the threads leave alone. */
const SCALAR_AT = 64;

/** What `init` asked for: a module of that variant, or without it the inlined kernels. */
interface Wanted {
  module?: WebAssembly.Module | undefined;
  simd?: Simd | undefined;
}

const SINGLE = {
  count: 1,
  reason: "single-threaded: setThreads() of 'simdgrad/threads' was not called since the start",
};

/**
 * The one engine of this module: kernels, their memory, and which bytes of it are in use. Created at
 * the first allocation; every tensor stands on it.
 *
 * Fields are read anew at each use, never held: growth replaces the views, threads the instance.
 */
class Engine {
  /** The raw exports, since a call through the loader's wrapped ones costs twice as much; or their threaded selves. */
  wasm = undefined as unknown as Kernels;
  /** The raw exports. */
  raw = undefined as unknown as Kernels;
  /** Calls estimated at fewer ns than this run on one thread: {@link kernels} gives them the raw exports, without any check. */
  alone = Infinity;
  memory = undefined as unknown as WebAssembly.Memory;
  simd: Simd = 'baseline';
  /** Rows of the gemm's register tile that suit this engine; results do not depend on it. */
  tileRows = 2;
  /** Byte offset of the {@link scratch}, and how many bytes at its head a product may use to pack. */
  packing = 0;
  packingBytes = 0;
  /** Views over the whole memory. */
  i32 = new Int32Array(0);
  f32 = new Float32Array(0);
  f64 = new Float64Array(0);
  /** Bytes in live storages; scratch is not counted. */
  live = 0;
  /** Pages that the memory may grow to. */
  maximumPages = MAXIMUM_PAGES;
  /** Threads that compute, and why not more; `simdgrad/threads` writes them. */
  threads = SINGLE;
  /** Ends the threads, where there are any; `simdgrad/threads` sets it. */
  stopThreads: (() => void) | undefined;
  /** Whether a caller ever got a view of the memory (`Tensor.data`); until then, no array of a caller can be one. */
  lent = false;
  /** With `true`, every allocation detaches the views handed out before it. */
  detachViews = false;

  #view = new Float32Array(0);
  #viewStart = 0;
  #heap: Heap | undefined;
  #scratchBytes = 0;
  #wanted: Wanted = {};

  get started(): boolean {
    return this.#heap !== undefined;
  }

  /** The variant that runs, or would: that of `init`, else relaxed where the engine has it. */
  get variant(): Simd {
    if (this.started) return this.simd;
    return this.#wanted.simd ?? (hasRelaxedSimd() ? 'relaxed' : 'baseline');
  }

  /** Compiles and instantiates unless that has happened, here or in {@link startAhead}; every allocation calls it. */
  start(ahead?: WebAssembly.Memory, kernels?: Kernels): void {
    if (this.started) return;
    const { variant } = this;
    const memory = ahead ?? firstMemory();
    this.wasm = this.raw = kernels ?? kernelsOn(memory, variant, this.#wanted.module);
    this.simd = variant;
    this.tileRows = tileRows(variant);
    this.packingBytes = this.wasm.gemm_scratch_bytes();
    this.memory = memory;
    this.#heap = new Heap(HEAP_BASE, memory.buffer.byteLength - BEHIND);
    this.refreshViews();
    this.scratch(this.packingBytes, 'gemm'); // now: a product must not fail for want of it once `out` counts as written
  }

  /** Starts, but compiles and instantiates off this thread. */
  async startAhead(): Promise<void> {
    if (this.started) return;
    const wanted = this.#wanted;
    const memory = firstMemory();
    let kernels: Kernels | undefined;
    try {
      kernels = await instantiateAhead(wanted.module ?? (await compileAhead(this.variant)), memory);
    } catch {
      // What the host refuses, start() will try again, and say why.
    }
    this.start(memory, wanted === this.#wanted ? kernels : undefined); // an init since then may have asked for others
  }

  /** Drops the memory; the next start uses what is wanted. */
  reset(wanted: Wanted): void {
    this.#wanted = wanted;
    this.stopThreads?.();
    this.threads = SINGLE;
    this.#heap = undefined;
    this.maximumPages = MAXIMUM_PAGES;
    this.#scratchBytes = 0;
    this.memory = undefined as unknown as WebAssembly.Memory;
    this.refreshViews(new ArrayBuffer(0));
  }

  /**
   * The offset of `byteLength` free bytes on a 64-byte boundary; their contents are undefined. No bytes take no room,
   * so that a tensor of size 0 does not stand in the way of {@link reset}.
   * @throws OutOfMemoryError when the memory cannot grow that far; nothing has changed then.
   */
  allocate(byteLength: number, where: string): number {
    this.start();
    if (byteLength === 0) return 0;
    const offset = this.reserve(byteLength, where);
    this.live += byteLength;
    return offset;
  }

  /** Gives back what {@link allocate} handed out. */
  release(offset: number, byteLength: number): void {
    if (byteLength === 0) return;
    this.unreserve(offset);
    this.live -= byteLength;
  }

  /** At least `byteLength` bytes for the inside of one call: packing, partial results. The next call overwrites them. */
  scratch(byteLength: number, where: string): number {
    this.start(); // first: it makes the scratch of the products, which must not be given back for a smaller one
    if (byteLength > this.#scratchBytes) {
      const old = this.#scratchBytes && this.packing;
      this.packing = this.reserve(byteLength, where);
      this.#scratchBytes = byteLength;
      if (old) this.unreserve(old); // last: the stack may end in it, and what is freed must not be in use
    }
    return this.packing;
  }

  /**
   * The kernels for a call that takes at most `ns` on one thread: without a way through the threads where that is short. An
   * elementwise kernel takes no more than 1 ns an element, so there `ns` is the number of elements.
   */
  kernels(ns: number): Kernels {
    return ns < this.alone ? this.raw : this.wasm;
  }

  /** The offset of one float32 for the next call of a kernel. The engine must have been started. */
  scalar(value: number): number {
    this.f32[SCALAR_AT >>> 2] = value;
    return SCALAR_AT;
  }

  /** One past the last byte of the memory that is in use. */
  get top(): number {
    return this.#heap?.top ?? 0;
  }

  /**
   * A view of `count` float32 from index `start` on, for a copy out. The last one is kept: results of one size have one
   * place in the scratch, and making a view takes as long as copying hundreds of elements.
   */
  view(start: number, count: number): Float32Array {
    if (start !== this.#viewStart || count !== this.#view.length) {
      this.#view = this.f32.subarray(start, start + count);
      this.#viewStart = start;
    }
    return this.#view;
  }

  /** Copies `count` float32, bit by bit, from byte offset `from` to `to`. */
  copy(to: number, from: number, count: number): void {
    this.f32.copyWithin(to >>> 2, from >>> 2, (from >>> 2) + count);
  }

  refreshViews(buffer: ArrayBuffer = this.memory.buffer): void {
    this.i32 = new Int32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.#view = this.f32.subarray(0, 0);
  }

  /** Like {@link allocate}, but on a started engine, and not counted in `live`: for scratch. Freed by {@link unreserve}. */
  reserve(byteLength: number, where: string): number {
    const heap = this.#heap!;
    if (this.f32.length === 0) this.#grown(); // a call was stopped from outside (node:vm, a REPL) while the memory grew
    let offset = heap.allocate(byteLength);
    if (offset < 0) {
      this.#grow(heap.missing(byteLength), byteLength, where);
      offset = heap.allocate(byteLength);
    }
    if (this.detachViews) {
      this.memory.grow(0);
      this.refreshViews();
    }
    return offset;
  }

  unreserve(offset: number): void {
    this.#heap!.release(offset);
  }

  #grown(): void {
    this.refreshViews();
    this.#heap!.extend(this.memory.buffer.byteLength - BEHIND);
  }

  /** Doubles the memory, or grows it by what is missing where that is more, or where the host refuses to double. */
  #grow(missing: number, asked: number, where: string): void {
    const pages = this.memory.buffer.byteLength / PAGE;
    const needed = Math.ceil(missing / PAGE);
    const allowed = this.maximumPages - pages;
    const attempts = needed <= allowed ? [Math.min(Math.max(pages, needed), allowed), needed] : [];
    roomOnStack(); // for the new views: the old ones are detached by then
    for (const delta of attempts) {
      try {
        this.memory.grow(delta);
      } catch {
        continue; // the host has less than the maximum: RangeError, and nothing has changed
      }
      this.#grown();
      return;
    }
    throw new OutOfMemoryError(
      `${where}: out of memory: asked for ${asked} bytes, ${this.live} bytes are in use, ` +
        `the memory has ${pages * PAGE} and can grow to ${this.maximumPages * PAGE} at most. ` +
        'Use tidy(), using, dispose(), or { out } in loops: forgotten tensors are freed only between turns of the event loop',
    );
  }
}

/** @throws SimdgradError where the engine is too old, OutOfMemoryError */
function firstMemory(): WebAssembly.Memory {
  requireSimd();
  try {
    return new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAXIMUM_PAGES });
  } catch {
    throw new OutOfMemoryError('simdgrad: no address space left');
  }
}

/** Those of the module, or the package's own, made on this thread. */
function kernelsOn(memory: WebAssembly.Memory, simd: Simd, module: WebAssembly.Module | undefined): Kernels {
  try {
    return instantiate(module ?? compile(simd), memory);
  } catch (error) {
    throw new SimdgradError(
      `simdgrad: cannot compile WebAssembly (${error}). Before Chrome 115, await ready() first; under a ` +
        "Content-Security-Policy, script-src needs 'wasm-unsafe-eval'",
      { cause: error },
    );
  }
}

/** @throws SimdgradError where the engine is too old. */
export function requireSimd(): void {
  if (hasSimd()) return;
  throw new SimdgradError(
    'simdgrad needs WebAssembly SIMD, which this engine lacks; Chrome and Edge 91, Firefox 90, Safari 16.4, Node 20 have it',
  );
}

export const engine = new Engine();
