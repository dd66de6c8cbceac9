import { engine, instantiate } from '../engine/engine.js';
import { ThreadError } from '../engine/errors.js';
import { describe } from '../tensor/shape.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import { moduleBytes } from '../wasm/modules.js';
import { sharedModuleBytes } from '../wasm/shared.js';
import { CONTROL_BYTES, MAXIMUM_WORKERS } from './control.js';
import { kernelNames, threaded } from './partition.js';
import { Pool } from './pool.js';
import { availableCores, obstacle, startThread, type Thread } from './thread.js';

const PAGE = 65536;
/** The last page below 4 GiB is never used. */
const MAXIMUM_PAGES = 65535;
/** Control blocks take turns in the first page: an abandoned pool's is not used again soon. */
const BLOCKS = PAGE / CONTROL_BYTES - 1;

export interface ThreadOptions {
  /** Where `simdgrad/worker.js` is served, for pages whose Content-Security-Policy forbids `blob:` workers. */
  workerUrl?: URL | string | undefined;
}

/** The threads that run, or ran last. */
class Team {
  /** The kernels without threads, on the shared memory. */
  readonly #raw: Kernels;
  readonly #module: WebAssembly.Module;
  readonly #pool: Pool;
  readonly #control: number;
  readonly #threads: (Thread | undefined)[];
  readonly #scratch: number[];
  readonly #options: ThreadOptions;
  readonly #memory: WebAssembly.Memory;
  #ended = false;

  constructor(module: WebAssembly.Module, workers: number, block: number, options: ThreadOptions) {
    this.#raw = engine.wasm;
    this.#module = module;
    this.#memory = engine.memory;
    this.#control = CONTROL_BYTES * (1 + (block % BLOCKS));
    this.#options = options;
    const bytes = this.#raw.gemm_scratch_bytes();
    this.#scratch = Array.from({ length: workers + 1 }, () => engine.reserve(bytes, 'setThreads'));
    this.#threads = new Array(workers);
    const exports = this.#raw as unknown as WebAssembly.Exports;
    this.#pool = new Pool(this.#memory, this.#control, exports, kernelNames, this.#scratch[workers]!);
  }

  /** Starts the workers. @returns why there are not as many as wanted, if so */
  async start(failed: (error: unknown, kernel: string) => never): Promise<string | undefined> {
    const results = await Promise.allSettled(Array.from(this.#threads, (_, i) => this.#startOne(i)));
    if (this.#ended) return undefined;
    this.#pool.workers = this.#threads.length;
    const rejected = results.find((result) => result.status === 'rejected');
    if (this.alive > 0) engine.wasm = threaded(this.#raw, this.#pool, failed);
    this.#report();
    return rejected && String((rejected.reason as Error)?.message ?? rejected.reason);
  }

  /** Workers that can take part. */
  get alive(): number {
    return this.#threads.filter((thread) => thread !== undefined).length;
  }

  /** Ends the workers; the shared memory stays. Resolves when they are gone. */
  async end(): Promise<void> {
    const threads = this.#threads.filter((thread) => thread !== undefined);
    for (const thread of threads) thread.ref();
    this.abandon();
    await Promise.all(threads.map((thread) => thread.gone));
    if (engine.memory === this.#memory) for (const offset of this.#scratch) engine.unreserve(offset);
  }

  /** Ends the workers without waiting, one of which may hang. */
  abandon(): void {
    this.#ended = true;
    this.#pool.stop();
    if (engine.memory === this.#memory) engine.wasm = this.#raw;
    for (const thread of this.#threads) thread?.terminate();
    this.#threads.fill(undefined);
  }

  /** Gives the scratch back after {@link abandon}, when the memory has moved: no thread can write there any more. */
  forget(): void {
    for (const offset of this.#scratch) engine.unreserve(offset);
  }

  async #startOne(i: number): Promise<void> {
    const thread = startThread(
      {
        module: this.#module,
        memory: this.#memory,
        control: this.#control,
        kernels: kernelNames,
        worker: i,
        scratch: this.#scratch[i]!,
      },
      this.#options.workerUrl,
    );
    try {
      await thread.ready;
    } catch (error) {
      thread.terminate();
      throw error;
    }
    thread.unref();
    if (this.#ended) {
      thread.terminate();
      return;
    }
    this.#threads[i] = thread;
    void thread.gone.then(() => this.#lost(i, thread));
  }

  /** A worker died between jobs, which costs nothing: another one takes its place. */
  #lost(i: number, thread: Thread): void {
    if (this.#ended || this.#threads[i] !== thread) return;
    this.#threads[i] = undefined;
    this.#pool.forget(i);
    this.#report();
    this.#startOne(i).then(
      () => this.#report(),
      () => this.#report(),
    );
  }

  #report(): void {
    if (!this.#ended)
      engine.threads = { count: this.alive + 1, reason: `${this.alive} of ${this.#threads.length} workers run` };
  }
}

let team: Team | undefined;
let teams = 0;
let module: { simd: string; module: WebAssembly.Module } | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * From now on, calls that are large enough run on `n` threads, the calling one included; `'auto'`: as many as there are
 * cores. Tensors and layers made before stay valid, results keep their bits. May be called at any time; overlapping calls
 * queue. `setThreads(1)` ends the workers. Resolves to the number in use, with the reason in `backendInfo()` where it is
 * less than wanted.
 * @throws TypeError, RangeError unless `n` is 'auto' or an integer in 1 … 129
 */
export function setThreads(n: number | 'auto', options: ThreadOptions = {}): Promise<number> {
  if (n !== 'auto' && typeof n !== 'number') {
    throw new TypeError(`setThreads: expected n to be a number or 'auto', got ${describe(n)}`);
  }
  if (n !== 'auto' && !(Number.isInteger(n) && n >= 1 && n <= MAXIMUM_WORKERS + 1)) {
    throw new RangeError(`setThreads: expected n to be an integer in 1 … ${MAXIMUM_WORKERS + 1}, got ${n}`);
  }
  const wanted = n === 'auto' ? Math.min(availableCores(), MAXIMUM_WORKERS + 1) : n;
  const result = queue.then(() => apply(wanted, options, n === 'auto'));
  queue = result.catch(() => undefined);
  return result;
}

async function apply(n: number, options: ThreadOptions, auto: boolean): Promise<number> {
  await team?.end();
  team = undefined;
  if (n === 1) return single(auto ? 'this machine has one core' : 'setThreads(1) was called');
  const reason = obstacle();
  if (reason !== undefined) return single(reason);
  engine.start();
  try {
    const shared = await sharedModule();
    if (!isShared(engine.memory)) moveTo(shared);
    return await assemble(shared, n - 1, options);
  } catch (error) {
    return single(String((error as Error)?.message ?? error));
  }
}

async function assemble(shared: WebAssembly.Module, workers: number, options: ThreadOptions): Promise<number> {
  const current = new Team(shared, workers, teams++, options);
  team = current;
  engine.stopThreads = () => {
    current.abandon();
    if (team === current) team = undefined;
  };
  const failed = (error: unknown, kernel: string): never => {
    if (error instanceof ThreadError) recover(current, shared, workers, options);
    throw error instanceof ThreadError ? new ThreadError(`${kernel}: ${error.message}`) : error;
  };
  const reason = await current.start(failed);
  if (reason !== undefined) {
    if (current.alive === 0) {
      current.abandon();
      return single(reason);
    }
    engine.threads = { count: current.alive + 1, reason };
  }
  return engine.threads.count;
}

function single(reason: string): number {
  engine.threads = { count: 1, reason };
  return 1;
}

/**
 * After a worker died in a job: it may still be writing. Everything moves to a memory of its own, where that cannot
 * hurt, and new workers start in the background.
 */
function recover(broken: Team, shared: WebAssembly.Module, workers: number, options: ThreadOptions): void {
  broken.abandon();
  if (team === broken) team = undefined;
  single('a worker died in the middle of a job; others are being started');
  try {
    moveTo(shared);
    broken.forget();
  } catch {
    single('a worker died in the middle of a job, and there was no memory to start others');
    return;
  }
  queue = queue.then(async () => {
    if (team === undefined && isShared(engine.memory)) await assemble(shared, workers, options).catch(() => undefined);
  });
}

async function sharedModule(): Promise<WebAssembly.Module> {
  const { simd } = engine;
  if (module?.simd !== simd) module = { simd, module: await WebAssembly.compile(sharedModuleBytes(moduleBytes(simd))) };
  return module.module;
}

function isShared(memory: WebAssembly.Memory | undefined): boolean {
  return memory !== undefined && memory.buffer instanceof SharedArrayBuffer;
}

/** Copies the heap to a new shared memory at the same offsets and swaps the instance: every handle stays valid. */
function moveTo(shared: WebAssembly.Module): void {
  const old = engine.memory;
  const initial = old.buffer.byteLength / PAGE;
  const memory = sharedMemory(initial);
  new Uint8Array(memory.buffer).set(engine.u8.subarray(0, engine.top));
  engine.wasm = instantiate(shared, memory);
  engine.memory = memory;
  engine.refreshViews();
  // Views that were handed out become empty instead of showing what nobody writes to any more.
  if (!isShared(old)) old.grow(0);
}

/** The maximum is reserved at once: halved until the host grants it. */
function sharedMemory(initial: number): WebAssembly.Memory {
  for (let maximum = MAXIMUM_PAGES; ; maximum = Math.max(initial, maximum >>> 1)) {
    try {
      const memory = new WebAssembly.Memory({ initial, maximum, shared: true });
      engine.maximumPages = maximum;
      return memory;
    } catch (error) {
      if (maximum === initial) throw error;
    }
  }
}
