import { ThreadError } from '../engine/errors.js';
import * as word from './control.js';
import { State } from './control.js';
import { Participant } from './participant.js';

/** One kernel call as a grid of independent ones; made of shapes only, never of the number of threads. */
export interface Job {
  kernel: number;
  args: readonly number[];
  /** Which argument is the scratch of the thread; -1 for none. */
  scratch: number;
  cuts: readonly [Cut, Cut];
  /** What it takes on one thread, in µs, roughly. */
  cost: number;
}

/** How one dimension is cut: the argument that counts it, and what the arguments grow by with each of its elements. */
export interface Cut {
  count: number;
  total: number;
  size: number;
  strides: readonly number[];
}

/** Below this a job is not worth a sleeping worker: it takes about 60 µs to wake (measured: npm run bench:threads). */
const WAKE_COST = 90;
/** Polls for the last chunks of others before the caller sleeps too, where it may. */
const POLLS = 20_000;
/** A claimed chunk takes a few milliseconds at most; without any progress for so long, its thread is taken for dead. */
const PATIENCE = 500;
/** One sleep of the caller, and the most that one of them counts: a machine that stood still is not a dead worker. */
const NAP = 1;
const LONGEST_NAP = 5;

/** The caller's side of the threads: publishes jobs, takes part in them, waits for the chunks that others claimed. */
export class Pool {
  readonly #words: Int32Array;
  readonly #values: Float64Array;
  readonly #self: Participant;
  readonly #maySleep: boolean;
  /** Workers that can take part. */
  workers = 0;

  constructor(
    memory: WebAssembly.Memory,
    control: number,
    exports: WebAssembly.Exports,
    kernels: readonly string[],
    scratch: number,
  ) {
    new Uint8Array(memory.buffer, control, word.CONTROL_BYTES).fill(0);
    this.#self = new Participant(memory, control, exports, kernels, scratch);
    this.#words = this.#self.words;
    this.#values = new Float64Array(memory.buffer, control, word.CONTROL_BYTES / 8);
    this.#maySleep = maySleep(this.#words);
  }

  /** Whether a job of this cost gains from the workers as they are: awake, asleep or not there. */
  helps(cost: number): boolean {
    const words = this.#words;
    for (let i = 0; i < this.workers; i++) {
      const state = Atomics.load(words, word.STATES + i);
      if (state === State.awake || (state === State.asleep && cost >= WAKE_COST)) return true;
    }
    return false;
  }

  /**
   * Runs a job on all threads; returns when every chunk has ended.
   * @throws ThreadError when a worker trapped or died in it: what the job writes is then undefined
   */
  run({ kernel, args, scratch, cuts, cost }: Job): void {
    const words = this.#words;
    const values = this.#values;
    let chunks = 1;
    for (let i = 0; i < args.length; i++) values[word.VALUES + i] = args[i]!;
    for (let c = 0; c < 2; c++) {
      const { count, total, size, strides } = cuts[c]!;
      const n = Math.ceil(total / size);
      const at = word.CUTS + c * word.CUT_WORDS;
      words[at] = count;
      words[at + 1] = total;
      words[at + 2] = size;
      words[at + 3] = n;
      chunks *= n;
      for (let i = 0; i < args.length; i++) {
        values[word.STRIDES + c * word.MAXIMUM_ARGUMENTS + i] = strides[i] ?? 0;
      }
    }
    words[word.KERNEL] = kernel;
    words[word.ARGUMENTS] = args.length;
    words[word.SCRATCH] = scratch;
    Atomics.store(words, word.ENDED, 0);
    Atomics.store(words, word.LEFT, chunks);
    Atomics.add(words, word.SEQUENCE, 1);
    if (cost >= WAKE_COST && this.#someoneSleeps()) Atomics.notify(words, word.SEQUENCE);
    let trap: unknown;
    try {
      this.#self.work();
    } catch (error) {
      // Others may still be at work: their chunks end before this call does.
      trap = error;
      Atomics.add(words, word.ENDED, 1);
      this.#self.work();
    }
    this.#wait(chunks);
    if (trap !== undefined) throw trap;
    const fault = Atomics.exchange(words, word.FAULT, 0);
    if (fault !== 0) {
      throw new ThreadError(`worker ${fault} trapped: the result of this call is undefined, everything else is intact`);
    }
  }

  /** Workers leave when they have ended what they do. */
  stop(): void {
    Atomics.store(this.#words, word.STOP, 1);
    Atomics.add(this.#words, word.SEQUENCE, 1);
    Atomics.notify(this.#words, word.SEQUENCE);
  }

  /** A worker is gone: what it last said of itself no longer holds. */
  forget(worker: number): void {
    Atomics.store(this.#words, word.STATES + worker, State.absent);
  }

  #someoneSleeps(): boolean {
    for (let i = 0; i < this.workers; i++) {
      if (Atomics.load(this.#words, word.STATES + i) === State.asleep) return true;
    }
    return false;
  }

  #wait(chunks: number): void {
    const words = this.#words;
    for (let polls = POLLS; polls > 0; polls--) if (Atomics.load(words, word.ENDED) === chunks) return;
    let ended = Atomics.load(words, word.ENDED);
    let waited = 0;
    let last = performance.now();
    if (this.#maySleep) Atomics.store(words, word.CALLER_SLEEPS, 1);
    while (ended !== chunks) {
      if (this.#maySleep) Atomics.wait(words, word.ENDED, ended, NAP);
      else for (let polls = POLLS; polls > 0 && Atomics.load(words, word.ENDED) === ended; polls--);
      const now = performance.now();
      waited += Math.min(now - last, LONGEST_NAP);
      last = now;
      const next = Atomics.load(words, word.ENDED);
      if (next !== ended) waited = 0;
      ended = next;
      if (waited > PATIENCE) {
        throw new ThreadError(
          `a worker ended or hung while it computed: no progress for ${PATIENCE} ms. ` +
            'The result of this call is undefined, everything else is intact',
        );
      }
    }
    Atomics.store(words, word.CALLER_SLEEPS, 0);
  }
}

/** A browser's main thread may not block. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, word.ENDED, 1, 0);
    return true;
  } catch {
    return false;
  }
}
