import { engine } from '../engine/engine.js';
import { ThreadError } from '../engine/errors.js';
import { PAGE } from '../engine/instance.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import { CONTROL_BYTES } from './control.js';
import { kernelNames, PARTIALS, threaded } from './partition.js';
import { limits, type Plan, roundUp } from './plan.js';
import { Pool } from './pool.js';
import { startThread, type Thread } from './thread.js';

/** Control blocks take turns in the first page: that of a team with a worker that hangs is not used again soon. */
const BLOCKS = PAGE / CONTROL_BYTES - 1;
/** How long a worker may take to start, in ms: so many looks, which come late where the caller computes meanwhile. */
const START_TIMEOUT = 10_000;
const LOOKS = 100;
/** A worker that died younger than this (ms) is not replaced: a host that ends workers would keep us busy. */
const LEAST_AGE = 1000;
const CACHE_LINE = 64;

interface TeamOptions {
  module: WebAssembly.Module;
  workers: number;
  workerUrl: string | undefined;
  /** Why there are so many workers, for `backendInfo()`. */
  reason: string;
  /** Called in the middle of a kernel call, when a worker may be at work that nobody can wait for. */
  broken(): void;
}

let teams = 0;

/** The workers of one memory, from their start to their end. */
export class Team {
  readonly #options: TeamOptions;
  /** The kernels without threads, on the shared memory. */
  readonly #raw: Kernels = engine.raw;
  readonly #memory: WebAssembly.Memory = engine.memory;
  readonly #control = CONTROL_BYTES * (1 + (teams++ % BLOCKS));
  /** Offset of the scratch of all workers, after the partial sums. */
  readonly #reserved: number;
  readonly #scratchBytes: number;
  readonly #pool: Pool;
  readonly #kernels: Kernels;
  /** Those that can take part, by their number. */
  readonly #members: (Thread | undefined)[];
  /** Those that were started and have not gone. */
  readonly #threads = new Set<Thread>();
  /** Why the last one that failed did. */
  #failure = '';
  #ended = false;

  /** @throws OutOfMemoryError */
  constructor(options: TeamOptions) {
    this.#options = options;
    this.#members = new Array(options.workers).fill(undefined);
    this.#scratchBytes = roundUp(this.#raw.gemm_scratch_bytes(), CACHE_LINE);
    this.#reserved = engine.reserve(PARTIALS * 8 + options.workers * this.#scratchBytes, 'setThreads');
    const exports = this.#raw as unknown as WebAssembly.Exports;
    this.#pool = new Pool(this.#memory, this.#control, exports, kernelNames, options.workers);
    const pool = this.#pool;
    this.#kernels = threaded(this.#raw, this.#reserved, {
      helps: (cost) => pool.helps(cost),
      run: (kernel, args, plan) => this.#run(kernel, args, plan),
    });
  }

  /** Starts the workers; kernels run on those that came. `engine.threads` says how many and why. */
  async start(): Promise<void> {
    await Promise.all(this.#members.map((_, worker) => this.#startOne(worker)));
  }

  /** Workers that can take part. */
  get alive(): number {
    return this.#members.filter((thread) => thread !== undefined).length;
  }

  /** Ends the workers; the shared memory stays. Resolves when they are gone. */
  async end(): Promise<void> {
    const threads = [...this.#threads];
    for (const thread of threads) thread.ref();
    this.abandon();
    await Promise.all(threads.map((thread) => thread.gone));
    if (engine.memory === this.#memory) this.forget();
  }

  /** Ends the workers without waiting: one of them may hang, and write to its scratch. */
  abandon(): void {
    this.#ended = true;
    this.#pool.stop();
    if (engine.memory === this.#memory) {
      engine.wasm = this.#raw;
      engine.alone = Infinity;
    }
    for (const thread of this.#threads) thread.terminate();
  }

  /** Gives the scratch back, when no thread can write there any more. */
  forget(): void {
    engine.unreserve(this.#reserved);
  }

  #run(kernel: number, args: number[], plan: Plan): void {
    try {
      this.#pool.run(kernel, args, plan);
    } catch (error) {
      if (this.#pool.broken) this.#options.broken();
      throw error instanceof ThreadError ? new ThreadError(`${kernelNames[kernel]}: ${error.message}`) : error;
    }
  }

  /** One worker, ready or failed; what failed is noted. */
  async #startOne(worker: number): Promise<void> {
    let thread: Thread | undefined;
    try {
      const started = startThread(
        {
          module: this.#options.module,
          memory: this.#memory,
          control: this.#control,
          kernels: kernelNames,
          worker,
          scratch: this.#reserved + PARTIALS * 8 + worker * this.#scratchBytes,
        },
        this.#options.workerUrl,
      );
      thread = started;
      this.#threads.add(started);
      const gone = started.gone.then(() => {
        this.#threads.delete(started);
        throw new Error('a worker ended before it was ready');
      });
      await soon(Promise.race([started.ready, gone]), () => this.#pool.present(worker));
      if (this.#ended) return;
      started.unref();
      engine.wasm = this.#kernels;
      engine.alone = limits.least * 1000;
      const ready = performance.now();
      this.#members[worker] = started;
      gone.catch(() => this.#lost(worker, performance.now() - ready >= LEAST_AGE));
    } catch (error) {
      this.#failure = `: ${String((error as Error)?.message ?? error)}`;
      thread?.terminate();
      // It may have said that it is awake before it failed.
      void thread?.gone.then(() => this.#pool.forget(worker));
    }
    this.#report();
  }

  /** A worker died between jobs, or trapped: another one takes its place. */
  #lost(worker: number, replace: boolean): void {
    if (this.#ended) return;
    this.#members[worker] = undefined;
    this.#pool.forget(worker);
    this.#failure = ': one has ended';
    this.#report();
    if (replace) void this.#startOne(worker);
  }

  #report(): void {
    if (this.#ended) return;
    const { alive } = this;
    const { workers, reason } = this.#options;
    engine.threads = {
      count: alive + 1,
      reason: alive === workers ? reason : `${alive} of ${workers} workers run${this.#failure}`,
    };
  }
}

/** Settles as `promise`, or after {@link START_TIMEOUT}: if the worker is `present` then, only its message is late. */
async function soon(promise: Promise<void>, present: () => boolean): Promise<void> {
  let timer: ReturnType<typeof setInterval> | undefined;
  let looks = 0;
  const late = new Promise<void>((resolve, reject) => {
    timer = setInterval(() => {
      if (++looks < LOOKS) return;
      if (present()) resolve();
      else reject(new Error(`a worker did not start within ${START_TIMEOUT} ms`));
    }, START_TIMEOUT / LOOKS);
  });
  try {
    await Promise.race([promise, late]);
  } finally {
    clearInterval(timer);
  }
}
