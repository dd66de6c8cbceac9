import * as word from './control.js';

type Kernel = (...args: number[]) => void;

/**
 * One thread's part in a job: claims chunks and runs them until none is left. The caller and every worker do the same.
 *
 * A claim comes before the job is read: while a chunk is claimed its job cannot end, so what is read then is that job
 * and nothing else, however long the thread had been away. Hence nothing of a job is kept from one claim to the next.
 */
export class Participant {
  readonly words: Int32Array;
  readonly values: Float64Array;
  readonly #kernels: readonly Kernel[];
  /** Which share of a job is its own: 0 of the caller, then the workers. */
  readonly #number: number;
  readonly #scratch: number | undefined;
  readonly #args: number[] = [];

  /** `number`: 0 for the caller, then the workers; `scratch`: byte offset of the scratch of this thread; without it, the one that the call itself came with. */
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
    this.#kernels = kernels.map((name) => exports[name] as Kernel);
    this.#number = number;
    this.#scratch = scratch;
  }

  /**
   * Runs chunks of the current job until all are claimed.
   * @returns whether it ran one
   * @throws what a kernel threw; its chunk counts as ended then, with the fault noted
   */
  work(): boolean {
    const { words } = this;
    const shares = words[word.SHARES]!;
    let ran = false;
    for (let i = 0, share = this.#number % shares; i < shares; i++, share = share + 1 === shares ? 0 : share + 1) {
      const at = word.LEFT + share * word.LINE;
      while (Atomics.load(words, at) > 0) {
        const left = Atomics.sub(words, at, 1);
        if (left <= 0) break;
        try {
          this.#run(share, left);
        } catch (error) {
          Atomics.store(words, word.FAULT, 1);
          throw error;
        } finally {
          Atomics.add(words, word.ENDED, 1);
          if (Atomics.load(words, word.CALLER_SLEEPS) === 1) Atomics.notify(words, word.ENDED);
        }
        ran = true;
      }
    }
    return ran;
  }

  /** The chunk that a claim of one of the last `left` of a share gives: they go from first to last. */
  #run(share: number, left: number): void {
    const { words, values } = this;
    const args = this.#args;
    const count = words[word.ARGUMENTS]!;
    args.length = count;
    for (let i = 0; i < count; i++) args[i] = values[word.VALUES + i]!;
    const all = words[word.CUTS + 3]! * words[word.CUTS + word.CUT_WORDS + 3]!;
    let rest = word.sharesBefore(share + 1, words[word.SHARES]!, all) - left;
    for (let cut = 0; cut < 2; cut++) {
      const at = word.CUTS + cut * word.CUT_WORDS;
      const size = words[at + 2]!;
      const chunks = words[at + 3]!;
      if (chunks === 1) continue;
      const start = (rest % chunks) * size;
      rest = Math.floor(rest / chunks);
      const strides = word.STRIDES + cut * word.MAXIMUM_ARGUMENTS;
      for (let i = 0; i < count; i++) args[i]! += start * values[strides + i]!;
      args[words[at]!] = Math.min(size, words[at + 1]! - start);
    }
    const scratch = words[word.SCRATCH]!;
    if (scratch >= 0 && this.#scratch !== undefined) args[scratch] = this.#scratch;
    this.#kernels[words[word.KERNEL]!]!(...args);
  }
}
