import * as word from './control.js';
import type { Call } from './family.js';

/**
 * One thread's part in a job: claims cells and runs them until none is left. The caller and every worker do the same.
 *
 * A claim comes before the job is read: while a cell is claimed its job cannot end, so what is read then is that job
 * and nothing else, however long the thread had been away. Hence nothing of a job is kept from one claim to the next but its
 * number and the part of the second cut, which tell whether the scratch still holds B; what is read before a claim decides
 * only how much is claimed.
 */
export class Participant {
  readonly words: Int32Array;
  readonly values: Float64Array;
  readonly #kernels: readonly Call[];
  /** Which share of a job is its own: 0 of the caller, then the workers. */
  readonly #number: number;
  readonly #scratch: number | undefined;
  readonly #args: number[] = [];
  /** What it last wrote to its word of {@link word.BEATS}. */
  #beat = 0;
  /** Of its last call: which job, and which part of the second cut. */
  #job = 0;
  #row = 0;
  #high = 0;
  /**
   * Cells that it took and has not counted as ended. Exact wherever a call throws, so that the caller, whose stack may end
   * anywhere (even in a catch, when V8 falls back to the larger frames of the interpreter), can count them later.
   */
  claimed = 0;

  /**
   * `number`: 0 for the caller, then the workers; `scratch`: byte offset of the scratch of this thread; without it, the one that
   * the call itself came with.
   */
  constructor(
    memory: WebAssembly.Memory,
    control: number,
    exports: WebAssembly.Exports,
    kernels: readonly string[],
    number: number,
    scratch?: number,
  ) {
    this.words = new Int32Array(memory.buffer, control, word.CONTROL_BYTES / 4);
    this.values = new Float64Array(memory.buffer, control, word.CONTROL_BYTES / 8);
    this.#kernels = kernels.map((name) => exports[name] as Call);
    this.#number = number;
    this.#scratch = scratch;
  }

  /**
   * Runs cells of the current job until all are claimed; calls `between` after each claim.
   * @returns whether it ran one
   * @throws what a kernel threw; what it claimed counts as ended then, with the fault noted. And what `between` throws.
   */
  work(between?: () => void): boolean {
    const { words } = this;
    const shares = words[word.SHARES]!;
    let ran = false;
    for (let i = 0, share = this.#number % shares; i < shares; i++, share = share + 1 === shares ? 0 : share + 1) {
      // While a job is being published, a thread claims only from its own share: else the first to look would take the first.
      if (i > 0 && Atomics.load(words, word.OPEN) === 0) break;
      const at = word.LEFT + share * word.LINE;
      for (let left = Atomics.load(words, at); left > 0; left = Atomics.load(words, at)) {
        if (Atomics.load(words, word.FAULT) === 1) return ran; // the rest of the job is for nothing
        const taken = word.portion(left, words[word.MOST]!, share === this.#number);
        if (Atomics.compareExchange(words, at, left, left - taken) !== left) continue;
        this.claimed = taken;
        try {
          this.#sign(1);
          this.#run(share, left, taken);
        } catch (error) {
          // A kernel that trapped, or no stack for one: then there is none for a function of our own either.
          Atomics.store(words, word.FAULT, 1);
          Atomics.add(words, word.ENDED, this.claimed);
          this.claimed = 0;
          if (Atomics.load(words, word.CALLER_SLEEPS) === 1) Atomics.notify(words, word.ENDED);
          if (this.#beat & 1) this.#sign(1);
          throw error;
        }
        ran = true;
        between?.();
      }
    }
    return ran;
  }

  /** The first `taken` of the last `left` cells of a share: in rectangles, for each of which the kernel is called once. */
  #run(share: number, left: number, taken: number): void {
    const { words } = this;
    const across = words[word.CUTS + word.CELLS]!;
    const all = across * words[word.CUTS + word.CUT_WORDS + word.CELLS]!;
    let cell = word.sharesBefore(share + 1, words[word.SHARES]!, all) - left;
    const end = cell + taken;
    while (cell < end) {
      // Whole lines of cells are one rectangle where they may be; else what is left of this line.
      const column = cell % across;
      const rows = column === 0 && words[word.APART] === 0 ? Math.floor((end - cell) / across) : 0;
      const cells = rows > 0 ? rows * across : Math.min(across - column, end - cell);
      this.#call(column, rows > 0 ? across : cells, (cell - column) / across, rows || 1);
      this.#sign(cell + cells === end ? 1 : 2);
      Atomics.add(words, word.ENDED, cells);
      this.claimed -= cells;
      if (Atomics.load(words, word.CALLER_SLEEPS) === 1) Atomics.notify(words, word.ENDED);
      cell += cells;
    }
  }

  /** A sign of life, for the caller. */
  #sign(change: number): void {
    this.#beat += change;
    if (this.#number > 0) Atomics.store(this.words, word.BEATS + this.#number - 1, this.#beat);
  }

  /** The kernel on a rectangle of cells: `wide` from `column` on, `high` from `row` on. */
  #call(column: number, wide: number, row: number, high: number): void {
    const { words, values } = this;
    const args = this.#args;
    const count = words[word.ARGUMENTS]!;
    args.length = count;
    for (let i = 0; i < count; i++) args[i] = values[word.VALUES + i]!;
    for (let cut = 0; cut < 2; cut++) {
      const at = word.CUTS + cut * word.CUT_WORDS;
      if (words[at + word.CELLS] === 1) continue;
      const size = words[at + word.SIZE]!;
      const start = (cut === 0 ? column : row) * size;
      const strides = word.STRIDES + cut * word.MAXIMUM_ARGUMENTS;
      for (let i = 0; i < count; i++) args[i]! += start * values[strides + i]!;
      args[words[at + word.COUNT]!] = Math.min((cut === 0 ? wide : high) * size, words[at + word.TOTAL]! - start);
    }
    const scratch = words[word.SCRATCH]!;
    if (scratch >= 0 && this.#scratch !== undefined) args[scratch] = this.#scratch;
    const kept = words[word.KEPT]!;
    if (kept >= 0) {
      const job = values[word.JOB]!;
      args[kept] = Number(job === this.#job && row === this.#row && high === this.#high);
      this.#job = job;
      this.#row = row;
      this.#high = high;
    }
    this.#kernels[words[word.KERNEL]!]!(...args);
  }
}
