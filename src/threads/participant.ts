import * as word from './control.js';

type Kernel = (...args: number[]) => void;

/**
 * One thread's part in a job: claims chunks and runs them until none is left. The caller and every worker do the same.
 *
 * A claim comes before the job is read: while a chunk is claimed, its job cannot end, so what is read then is that job
 * and nothing else, however long the thread had been asleep.
 */
export class Participant {
  readonly words: Int32Array;
  readonly #values: Float64Array;
  readonly #kernels: readonly Kernel[];
  readonly #scratch: number;
  readonly #args: number[] = [];
  #sequence = -1;
  #kernel: Kernel = () => {};
  #argumentCount = 0;

  constructor(
    memory: WebAssembly.Memory,
    control: number,
    exports: WebAssembly.Exports,
    kernels: readonly string[],
    scratch: number,
  ) {
    this.words = new Int32Array(memory.buffer, control, word.CONTROL_BYTES / 4);
    this.#values = new Float64Array(memory.buffer, control, word.CONTROL_BYTES / 8);
    this.#kernels = kernels.map((name) => exports[name] as Kernel);
    this.#scratch = scratch;
  }

  /** Runs chunks of the current job until all are claimed. @returns how many it ran */
  work(): number {
    const { words } = this;
    let ran = 0;
    while (Atomics.load(words, word.LEFT) > 0) {
      const left = Atomics.sub(words, word.LEFT, 1);
      if (left <= 0) break;
      this.#run(left - 1);
      ran++;
      Atomics.add(words, word.ENDED, 1);
      if (Atomics.load(words, word.CALLER_SLEEPS) === 1) Atomics.notify(words, word.ENDED);
    }
    return ran;
  }

  #run(chunk: number): void {
    const { words } = this;
    const values = this.#values;
    const args = this.#args;
    const sequence = Atomics.load(words, word.SEQUENCE);
    if (sequence !== this.#sequence) {
      this.#sequence = sequence;
      this.#kernel = this.#kernels[words[word.KERNEL]!]!;
      this.#argumentCount = words[word.ARGUMENTS]!;
      args.length = this.#argumentCount;
    }
    for (let i = 0; i < this.#argumentCount; i++) args[i] = values[word.VALUES + i]!;
    let rest = chunk;
    for (let cut = 0; cut < 2; cut++) {
      const at = word.CUTS + cut * word.CUT_WORDS;
      const chunks = words[at + 3]!;
      const size = words[at + 2]!;
      const start = (rest % chunks) * size;
      rest = Math.floor(rest / chunks);
      const strides = word.STRIDES + cut * word.MAXIMUM_ARGUMENTS;
      for (let i = 0; i < this.#argumentCount; i++) args[i]! += start * values[strides + i]!;
      if (chunks > 1) args[words[at]!] = Math.min(size, words[at + 1]! - start);
    }
    if (words[word.SCRATCH]! >= 0) args[words[word.SCRATCH]!] = this.#scratch;
    this.#kernel(...args);
  }
}
