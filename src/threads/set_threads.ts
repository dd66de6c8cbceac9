import { checkOptions, typeError } from '../engine/check.js';
import { engine } from '../engine/engine.js';
import type { Simd } from '../wasm/simd.js';
import { MAXIMUM_WORKERS } from './control.js';
import { isShared, moveTo, sharedModule } from './memory.js';
import { Team } from './team.js';
import { availableCores, obstacle } from './thread.js';

export interface ThreadOptions {
  /** Where `simdgrad/worker.js` is served, for pages whose Content-Security-Policy forbids `blob:` workers. */
  workerUrl?: { readonly href: string } | string | undefined;
}

let team: Team | undefined;
/** Counts the changes that have begun: calls of {@link setThreads} wait for their turn. */
let changes = 0;
/** The end of the last change: changes happen one after the other. */
let queue: Promise<unknown> = Promise.resolve();

/**
 * From now on, calls that are large enough run on `n` threads, the calling one included; `'auto'`: as many as there are
 * cores. Tensors and layers made before stay valid, results keep their bits; `data` views taken before the first call
 * become empty. May be called at any time; overlapping calls queue. `setThreads(1)` ends the workers, which never keep
 * Node from exiting. Resolves to the number in use, with the reason in `backendInfo()` where it is less than wanted
 * (and once in a warning where it is 1).
 * @throws TypeError, RangeError unless `n` is 'auto' or an integer in 1 … 129
 */
export async function setThreads(n: number | 'auto', options: ThreadOptions = {}): Promise<number> {
  if (n !== 'auto' && typeof n !== 'number') {
    throw typeError('setThreads', "n to be a number or 'auto'", n);
  }
  if (n !== 'auto' && !(Number.isInteger(n) && n >= 1 && n <= MAXIMUM_WORKERS + 1)) {
    throw new RangeError(`setThreads: expected n to be an integer in 1 … ${MAXIMUM_WORKERS + 1}, got ${n}`);
  }
  checkOptions(options, ['workerUrl'], 'setThreads');
  const { workerUrl } = options;
  const url = typeof workerUrl === 'object' ? workerUrl?.href : workerUrl;
  if (workerUrl !== undefined && typeof url !== 'string') {
    throw typeError('setThreads', 'workerUrl to be a string or a URL', workerUrl);
  }
  return inTurn(() => change(n, url));
}

function inTurn<T>(step: () => Promise<T>): Promise<T> {
  const result = queue.then(step);
  queue = result.catch(() => undefined);
  return result;
}

async function change(n: number | 'auto', workerUrl: string | undefined): Promise<number> {
  changes++;
  await team?.end();
  team = undefined;
  const count = n === 'auto' ? Math.min(availableCores(), MAXIMUM_WORKERS + 1) : n;
  const reason = n === 'auto' ? `'auto' on ${count === 1 ? 'one core' : `${count} cores`}` : `setThreads(${n})`;
  if (count === 1) {
    single(reason);
    return 1;
  }
  let failure = obstacle();
  try {
    if (failure === undefined) await assemble(count - 1, workerUrl, reason);
  } catch (error) {
    failure = String((error as Error)?.message ?? error);
  }
  if (failure !== undefined) {
    single(failure);
    warn();
  }
  return engine.threads.count;
}

let warned = false;

/** Once: a program that goes on alone is easily taken for one that has its threads. */
function warn(): void {
  if (!warned) console.warn(`simdgrad: setThreads: one thread only: ${engine.threads.reason}`);
  warned = true;
}

/** Starts a team; given a memory, only as long as that is the engine's. */
async function assemble(
  workers: number,
  workerUrl: string | undefined,
  reason: string,
  memory?: WebAssembly.Memory,
): Promise<void> {
  let module: WebAssembly.Module;
  let simd: Simd;
  do {
    await engine.startAhead();
    simd = engine.simd;
    module = await sharedModule(simd);
    if (memory !== undefined && memory !== engine.memory) return;
  } while (!engine.started || engine.simd !== simd); // init() was called meanwhile
  if (!isShared(engine.memory)) moveTo(module);
  const current = new Team({ module, workers, workerUrl, reason, broken });
  team = current;
  engine.stopThreads = stop;
  await current.start();
  if (team === current && current.alive === 0) {
    await current.end();
    team = undefined;
    warn();
  }

  /**
   * A worker died in the middle of a claim, or hangs and may still write. Everything moves to a memory of its own, where
   * that cannot hurt, and new workers start in the background.
   */
  function broken(): void {
    stop();
    single('a worker ended or hung while it computed; others are being started');
    try {
      moveTo(module);
    } catch {
      single('a worker ended or hung while it computed, and there was no memory to start others');
      return;
    }
    current.forget();
    const before = changes;
    const { memory } = engine;
    void inTurn(async () => {
      if (changes === before && memory === engine.memory) await assemble(workers, workerUrl, reason, memory);
    }).catch((error: Error) => single(error.message));
  }
}

/** Ends the threads at once, without waiting for them. */
function stop(): void {
  team?.abandon();
  team = undefined;
}

function single(reason: string): void {
  engine.threads = { count: 1, reason };
}
