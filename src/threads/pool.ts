import { ThreadError } from '../engine/errors.js';
import { roomOnStack } from '../engine/stack.js';
import * as word from './control.js';
import { Participant } from './participant.js';
import { limits, type Plan } from './plan.js';

/** How long the caller polls for the last cells of others before it sleeps, where it may, in ms. */
const SPIN = 0.1;
/** Polls between two looks at the clock. */
const POLLS = 100;
/** A thread is taken for dead after this many ms plus so many times what a claim should take, without any progress. */
const PATIENCE = 500;
const CLAIMS_OF_PATIENCE = 20;
/**
 * … or plus so many times what the caller's own longest claim took, of which no more ms count than these: with many more threads
 * than cores, a thread that waits for its turn is not dead.
 */
const OWN_CLAIMS_OF_PATIENCE = 4;
const LONGEST_CLAIM = 1000;
/** One sleep of the caller, and the most that counts between two looks: a machine that stood still is not a dead worker. */
const NAP = 1;
const LONGEST_LOOK = 50;
/** Calls that a sleeping worker would have helped with are added up: from so many times `limits.wake` on, it is woken. */
const MISSED = 4;

/** As it is now: with the fake clock of a test, a dead worker would be waited for for ever. */
const clock = performance.now.bind(performance);

/** The caller's side of the threads: publishes jobs, takes part in them, waits for the cells that others claimed. */
export class Pool {
  readonly #words: Int32Array;
  readonly #values: Float64Array;
  readonly #self: Participant;
  readonly #workers: number;
  readonly #maySleep: boolean;
  /** Cells of the job that is published and has not ended; 0 between jobs. */
  #open = 0;
  /** Cost of the calls that ran alone since a worker was woken. */
  #missed = 0;
  /** Of each worker the last heartbeat, and the ms without a change while in a claim; last, the same of the ended cells. */
  readonly #signs: Int32Array;
  readonly #stalled: Float64Array;
  /** When the caller last looked at them, and how many ms are too long. */
  #looked = 0;
  #patience = PATIENCE;
  readonly #look = () => this.#watch(true);
  /** A worker ended or hangs in a cell: it may still write, and what it claimed never ends. */
  broken = false;

  constructor(
    memory: WebAssembly.Memory,
    control: number,
    exports: WebAssembly.Exports,
    kernels: readonly string[],
    workers: number,
  ) {
    new Uint8Array(memory.buffer, control, word.CONTROL_BYTES).fill(0);
    this.#self = new Participant(memory, control, exports, kernels, 0);
    this.#words = this.#self.words;
    this.#values = this.#self.values;
    this.#workers = workers;
    this.#signs = new Int32Array(workers + 1);
    this.#stalled = new Float64Array(workers + 1);
    this.#words[word.SHARES] = Math.min(workers + 1, word.MAXIMUM_SHARES);
    this.#maySleep = maySleep(this.#words);
  }

  /**
   * Whether a call that takes `cost` µs gains from the workers as they are. One that sleeps is woken for a long call, or
   * for the next ones when there were many short ones.
   */
  helps(cost: number): boolean {
    const words = this.#words;
    let asleep = false;
    for (let i = 0; i < this.#workers; i++) {
      const state = Atomics.load(words, word.STATES + i);
      if (state === word.STATE.awake) return true;
      if (state === word.STATE.asleep) asleep = true;
    }
    if (!asleep || cost >= limits.wake) return asleep;
    this.#missed += cost;
    if (this.#missed >= MISSED * limits.wake) this.#wake(this.#workers);
    return false;
  }

  /**
   * Runs a job on all threads; returns when every cell has ended.
   * @throws ThreadError when a worker trapped or died in it: what the job writes is then undefined
   * @throws RangeError before the job begins, where the stack has no room for all that follows
   */
  run(kernel: number, args: readonly number[], plan: Plan): void {
    const words = this.#words;
    // A stack overflow may have cut the wait for the last job short.
    if (this.#open > 0) this.#settle();
    // A stack that ended after the job was published would leave workers at work on it, when the caller may free that memory
    // (test/threads/process.test.ts tries every depth).
    roomOnStack();
    this.#looked = clock();
    const cells = this.#write(kernel, args, plan);
    Atomics.store(words, word.ENDED, 0);
    Atomics.store(words, word.FAULT, 0);
    Atomics.store(words, word.OPEN, 0);
    this.#stalled.fill(0);
    this.#patience = PATIENCE + (CLAIMS_OF_PATIENCE * Math.max(limits.claim, plan.cost / cells)) / 1000;
    const shares = words[word.SHARES]!;
    for (let share = 0; share < shares; share++) {
      const next = word.sharesBefore(share + 1, shares, cells);
      Atomics.store(words, word.LEFT + share * word.LINE, next - this.#open);
      this.#open = next; // never more than what is published: the stack may end here
    }
    Atomics.store(words, word.OPEN, 1);
    // After LEFT: a worker that reads the old value sees the job before it sleeps.
    Atomics.add(words, word.SEQUENCE, 1);
    if (plan.cost >= limits.wake && this.#someoneSleeps()) this.#wake(cells - 1);
    let trap: unknown;
    try {
      this.#self.work(this.#look);
    } catch (error) {
      trap = error ?? new Error('a kernel failed');
    }
    this.#settle();
    const fault = Atomics.exchange(words, word.FAULT, 0);
    if (trap !== undefined) throw trap;
    if (fault !== 0) throw new ThreadError(`a worker trapped; ${CONSEQUENCES}`);
  }

  /** Workers leave when they have ended what they do. */
  stop(): void {
    Atomics.store(this.#words, word.STOP, 1);
    Atomics.add(this.#words, word.SEQUENCE, 1);
    Atomics.notify(this.#words, word.SEQUENCE);
  }

  /** Whether a worker has begun to take part, though its message may still be on its way. */
  present(worker: number): boolean {
    return Atomics.load(this.#words, word.STATES + worker) !== word.STATE.absent;
  }

  /** A worker is gone: what it last said of itself no longer holds. */
  forget(worker: number): void {
    Atomics.store(this.#words, word.STATES + worker, word.STATE.absent);
  }

  /** Writes what the workers read of a job. @returns the number of its cells */
  #write(kernel: number, args: readonly number[], { cuts, scratch, kept = -1, apart = false, cost }: Plan): number {
    const words = this.#words;
    const values = this.#values;
    const count = args.length;
    let cells = 1;
    for (let i = 0; i < count; i++) values[word.VALUES + i] = args[i]!;
    for (let c = 0; c < 2; c++) {
      const cut = cuts[c]!;
      const n = Math.ceil(cut.total / cut.size);
      const at = word.CUTS + c * word.CUT_WORDS;
      words[at + word.COUNT] = cut.count;
      words[at + word.TOTAL] = cut.total;
      words[at + word.SIZE] = cut.size;
      words[at + word.CELLS] = n;
      cells *= n;
      const strides = word.STRIDES + c * word.MAXIMUM_ARGUMENTS;
      if (n > 1) for (let i = 0; i < count; i++) values[strides + i] = cut.strides[i] ?? 0;
    }
    words[word.KERNEL] = kernel;
    words[word.ARGUMENTS] = count;
    words[word.SCRATCH] = scratch;
    words[word.KEPT] = kept;
    words[word.APART] = Number(apart);
    values[word.JOB]!++;
    // The second bound is a thread's part where several have one share.
    const claim = scratch < 0 ? Math.min(limits.claim, limits.claimUnpacked) : limits.claim;
    const most = Math.min((claim * cells) / cost, Math.ceil((0.75 * cells) / (this.#workers + 1)));
    words[word.MOST] = Math.max(1, Math.floor(most));
    return cells;
  }

  #wake(most: number): void {
    this.#missed = 0;
    Atomics.notify(this.#words, word.SEQUENCE, most);
  }

  #someoneSleeps(): boolean {
    for (let i = 0; i < this.#workers; i++) {
      if (Atomics.load(this.#words, word.STATES + i) === word.STATE.asleep) return true;
    }
    return false;
  }

  /** Ends the job: what nobody has claimed is dropped (after a trap only), what others claimed is waited for. */
  #settle(): void {
    const words = this.#words;
    const self = this.#self;
    for (let share = words[word.SHARES]! - 1; share >= 0; share--) {
      self.claimed += Atomics.exchange(words, word.LEFT + share * word.LINE, 0);
    }
    if (self.claimed > 0) Atomics.add(words, word.ENDED, self.claimed);
    self.claimed = 0;
    this.#wait();
    this.#open = 0;
  }

  #wait(): void {
    const words = this.#words;
    const cells = this.#open;
    if (this.#spin(cells)) return;
    if (this.#maySleep) Atomics.store(words, word.CALLER_SLEEPS, 1);
    for (let ended = Atomics.load(words, word.ENDED); ended !== cells; ended = Atomics.load(words, word.ENDED)) {
      if (this.#maySleep) Atomics.wait(words, word.ENDED, ended, NAP);
      else for (let polls = POLLS; polls > 0 && Atomics.load(words, word.ENDED) === ended; polls--);
      this.#watch();
    }
    Atomics.store(words, word.CALLER_SLEEPS, 0);
  }

  /**
   * A look at the others, after each claim of the caller and while it waits for theirs.
   * @throws ThreadError when one makes no progress
   */
  #watch(claimed = false): void {
    const words = this.#words;
    const now = clock();
    const since = now - this.#looked;
    const passed = Math.min(since, LONGEST_LOOK);
    const own = claimed ? OWN_CLAIMS_OF_PATIENCE * Math.min(since, LONGEST_CLAIM) : 0;
    this.#patience = Math.max(this.#patience, PATIENCE + own);
    this.#looked = now;
    for (let i = this.#workers; i >= 0; i--) {
      // One that ended between its claim and the sign of it shows in the cells only, when all others have ended.
      const all = i === this.#workers;
      const sign = Atomics.load(words, all ? word.ENDED : word.BEATS + i);
      if (sign !== this.#signs[i] || !(all || sign & 1)) this.#stalled[i] = 0;
      else this.#stalled[i]! += passed;
      this.#signs[i] = sign;
      if (this.#stalled[i]! > this.#patience) {
        this.broken = true;
        throw new ThreadError(
          `a worker ended or hung while it computed: no progress for ${Math.round(this.#patience)} ms; ${CONSEQUENCES}`,
        );
      }
    }
  }

  #spin(cells: number): boolean {
    const words = this.#words;
    if (Atomics.load(words, word.ENDED) === cells) return true;
    const end = clock() + SPIN;
    do {
      for (let polls = POLLS; polls > 0; polls--) if (Atomics.load(words, word.ENDED) === cells) return true;
    } while (clock() < end);
    return false;
  }
}

const CONSEQUENCES = 'the result of this call is undefined, everything else is intact';

/** A browser's main thread may not block. */
function maySleep(words: Int32Array): boolean {
  try {
    Atomics.wait(words, word.ENDED, 1, 0);
    return true;
  } catch {
    return false;
  }
}
