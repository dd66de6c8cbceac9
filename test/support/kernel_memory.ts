const GUARD = 64;
const CANARY = 0xa5;

/**
 * Hands out pieces of a kernel's memory, each between two guards of 64 bytes, so that a test sees a
 * kernel that writes one element too far. All offsets are multiples of 4 bytes, most of them deliberately not of
 * 16: a kernel must not rely on alignment, since chunks of a tensor start anywhere.
 */
export class KernelMemory {
  #top = 1024;
  #guards: number[] = [];

  constructor(readonly memory: WebAssembly.Memory) {}

  /** Forgets every allocation. */
  reset(): void {
    this.#top = 1024;
    this.#guards = [];
  }

  /** `byteLength` bytes of 0xFF, as floats NaN: what a kernel forgets to write shows. Returns the offset. */
  alloc(byteLength: number): number {
    const start = this.#guard(this.#top);
    const end = start + byteLength;
    this.#top = Math.ceil(end / 4) * 4;
    this.#reserve(this.#top + GUARD);
    new Uint8Array(this.memory.buffer, start, byteLength).fill(0xff);
    this.#top = this.#guard(this.#top) + 4;
    return start;
  }

  /** Room for `n` float32 (or int32) values. */
  out(n: number): number {
    return this.alloc(n * 4);
  }

  /** Copies values in; returns the offset. */
  put(values: Float32Array | Int32Array | Float64Array | Uint8Array): number {
    const at = this.alloc(values.byteLength);
    new Uint8Array(this.memory.buffer, at, values.byteLength).set(
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    );
    return at;
  }

  /** A copy of `n` float32 values at `at`. */
  f32(at: number, n: number): Float32Array {
    return new Float32Array(this.memory.buffer.slice(at, at + n * 4));
  }

  i32(at: number, n: number): Int32Array {
    return new Int32Array(this.memory.buffer.slice(at, at + n * 4));
  }

  f64(at: number, n: number): Float64Array {
    return new Float64Array(this.memory.buffer.slice(at, at + n * 8));
  }

  /** Throws if a kernel wrote outside what was handed out. */
  checkGuards(): void {
    const bytes = new Uint8Array(this.memory.buffer);
    for (const at of this.#guards) {
      for (let i = at; i < at + GUARD; i++) {
        if (bytes[i] !== CANARY) throw new Error(`a kernel wrote outside its arrays, at byte ${i}`);
      }
    }
  }

  #guard(at: number): number {
    this.#reserve(at + GUARD);
    new Uint8Array(this.memory.buffer, at, GUARD).fill(CANARY);
    this.#guards.push(at);
    return at + GUARD;
  }

  #reserve(end: number): void {
    const missing = end - this.memory.buffer.byteLength;
    if (missing > 0) this.memory.grow(Math.ceil(missing / 65536));
  }
}
