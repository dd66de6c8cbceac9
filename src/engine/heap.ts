/** Every block starts on a cache line: 64 bytes. */
const ALIGNMENT = 64;
/** Bins: four per power of two of the size in lines, enough for 2^26 lines (4 GiB). */
const BINS = 112;
/** How many blocks of the request's own bin are tried before a larger bin is split. */
const TRIES = 8;
/** Blocks of up to so many lines (16 KiB) wait for a request of the same size when they are given back, … */
const QUICK_LINES = 256;
/**
 * … as long as no more bytes than these wait. Where none may, a small result takes five times as long
 * (npm run bench -- small --sweep QUICK_BYTES=0).
 */
const QUICK_BYTES = 2 ** 20;

/** The bin for blocks of `lines` lines: 4·⌊log2⌋ plus the next two bits. Others in it may be smaller, in later bins none is. */
function binOf(lines: number): number {
  const exponent = 31 - Math.clz32(lines);
  return exponent < 2 ? lines : exponent * 4 + ((lines >>> (exponent - 2)) & 3);
}

/**
 * Which bytes of an address range are in use: segregated free lists with coalescing, the
 * book-keeping outside the range (it belongs to the linear memory, where a kernel could overwrite it).
 * Addresses and sizes are doubles, exact to 2^53, so nothing wraps at 2^31 or 2^32.
 *
 * Small blocks that are given back wait for the next request of their size, a tenth of the work: what a loop makes and
 * gives back in each turn is the same few sizes. They are merged into the free lists when nothing else fits.
 */
export class Heap {
  /** Start → bytes of every block in use; negative for those that wait. */
  readonly #used = new Map<number, number>();
  /** By lines: starts of the blocks that wait. */
  readonly #quick: number[][] = Array.from({ length: QUICK_LINES + 1 }, () => []);
  #waiting = 0;
  /** Start → bytes, and end → start, of every free block. */
  readonly #free = new Map<number, number>();
  readonly #freeByEnd = new Map<number, number>();
  readonly #bins: Set<number>[] = Array.from({ length: BINS }, () => new Set());
  /** One past the last byte of the range. */
  #end: number;

  constructor(base: number, end: number) {
    this.#end = base;
    this.extend(end);
  }

  /** One past the last byte in use: what a copy of the range has to copy. */
  get top(): number {
    this.#merge();
    return this.#freeByEnd.get(this.#end) ?? this.#end;
  }

  /** Bytes a block for `byteLength` occupies. */
  static rounded(byteLength: number): number {
    return Math.max(1, Math.ceil(byteLength / ALIGNMENT)) * ALIGNMENT;
  }

  /** The start of a block of at least `byteLength` bytes, or -1 when there is none. */
  allocate(byteLength: number): number {
    const bytes = Heap.rounded(byteLength);
    if (bytes <= QUICK_LINES * ALIGNMENT) {
      const start = this.#quick[bytes / ALIGNMENT]!.pop();
      if (start !== undefined) {
        this.#waiting -= bytes;
        this.#used.set(start, bytes);
        return start;
      }
    }
    if (bytes > this.#end) return -1; // more lines than the bins can count
    let start = this.#find(bytes);
    if (start < 0 && this.#merge()) start = this.#find(bytes);
    if (start < 0) return -1;
    const available = this.#free.get(start)!;
    this.#remove(start, available);
    if (available > bytes) this.#insert(start + bytes, available - bytes);
    this.#used.set(start, bytes);
    return start;
  }

  /** Gives a block back: a small one waits for a request of its size, a large one is merged with its neighbours. */
  release(start: number): void {
    const bytes = this.#used.get(start);
    if (bytes === undefined || bytes < 0) throw new Error(`Heap.release: no block starts at ${start}`);
    if (bytes <= QUICK_LINES * ALIGNMENT && this.#waiting + bytes <= QUICK_BYTES) {
      this.#waiting += bytes;
      this.#used.set(start, -bytes);
      this.#quick[bytes / ALIGNMENT]!.push(start);
      return;
    }
    this.#used.delete(start);
    this.#insert(start, bytes);
  }

  /** Gives the blocks that wait to the free lists; whether there were any. */
  #merge(): boolean {
    if (this.#waiting === 0) return false;
    for (const starts of this.#quick) {
      // Each is taken off before it is freed: the stack may end here, and the next merge must not free it again.
      for (let start = starts.pop(); start !== undefined; start = starts.pop()) {
        const bytes = -this.#used.get(start)!;
        this.#used.delete(start);
        this.#insert(start, bytes);
      }
    }
    this.#waiting = 0;
    return true;
  }

  /** The range now reaches to `end`. */
  extend(end: number): void {
    const bytes = Math.floor((end - this.#end) / ALIGNMENT) * ALIGNMENT;
    if (bytes <= 0) return;
    this.#insert(this.#end, bytes);
    this.#end += bytes;
  }

  /** Bytes by which the range must grow before `byteLength` fits: a free block at the end counts. */
  missing(byteLength: number): number {
    return Heap.rounded(byteLength) + this.top - this.#end;
  }

  #find(bytes: number): number {
    const lines = bytes / ALIGNMENT;
    const own = binOf(lines);
    let tries = TRIES;
    for (const start of this.#bins[own]!) {
      if (this.#free.get(start)! >= bytes) return start;
      if (--tries === 0) break;
    }
    for (let bin = own + 1; bin < BINS; bin++) {
      const starts = this.#bins[bin]!;
      if (starts.size > 0) for (const start of starts) return start; // an iterator over nothing costs some engines 50 ns
    }
    // What the first tries missed in the own bin: slow, but no request fails that could be served.
    for (const start of this.#bins[own]!) if (this.#free.get(start)! >= bytes) return start;
    return -1;
  }

  #insert(start: number, bytes: number): void {
    const before = this.#freeByEnd.get(start);
    if (before !== undefined) {
      const length = this.#free.get(before)!;
      this.#remove(before, length);
      start = before;
      bytes += length;
    }
    const after = this.#free.get(start + bytes);
    if (after !== undefined) {
      this.#remove(start + bytes, after);
      bytes += after;
    }
    const bin = this.#bins[binOf(bytes / ALIGNMENT)]!; // first: the stack may end in it
    this.#free.set(start, bytes);
    this.#freeByEnd.set(start + bytes, start);
    bin.add(start);
  }

  /** Free until last: where the stack ends in between, a block must not be in a bin, nor have an end, that is not free. */
  #remove(start: number, bytes: number): void {
    this.#freeByEnd.delete(start + bytes);
    this.#bins[binOf(bytes / ALIGNMENT)]!.delete(start);
    this.#free.delete(start);
  }
}
