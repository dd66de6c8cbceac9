// Measures in a worker: the page can be used meanwhile, and its own work does not disturb the figures.
import { backendInfo, ready } from 'simdgrad';
import { type Contest, contest } from './cases.js';
import { ROWS } from './list.js';
import type { FromWorker, ToWorker } from './messages.js';

const scope = globalThis as unknown as {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
};

/** The two take turns, so that a machine that slows down slows both. */
const ROUNDS = 7;
/** Milliseconds in one measurement: well above the resolution of the clock of a browser, which may be 0.1 ms. */
const SPAN = 12;
/** Milliseconds for the engine to optimize what runs. */
const WARM_UP = 60;
/** In float32 and another order of summation, relative to the largest result. */
const TOLERANCE = 1e-3;

scope.onmessage = async () => {
  try {
    await ready();
    for (const { id } of ROWS) {
      scope.postMessage({ type: 'started', id });
      const current = contest(id);
      scope.postMessage({ type: 'result', result: { id, ...measure(current) } });
      current.dispose();
    }
    scope.postMessage({ type: 'done', simd: backendInfo().simd });
  } catch (error) {
    scope.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};

function measure(current: Contest) {
  current.simdgrad();
  current.plain();
  const agrees = agree(...current.results());
  const runs = { simdgrad: warmUp(current.simdgrad), plain: warmUp(current.plain) };
  const times: Record<'simdgrad' | 'plain', number[]> = { simdgrad: [], plain: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of ['simdgrad', 'plain'] as const) times[who].push(time(current[who], runs[who]));
  }
  return { simdgrad: median(times.simdgrad), plain: median(times.plain), flop: current.flop, agrees };
}

/** @returns how many calls fill a measurement */
function warmUp(run: () => void): number {
  const began = performance.now();
  let calls = 0;
  let elapsed = 0;
  do {
    run();
    calls++;
    elapsed = performance.now() - began;
  } while (elapsed < WARM_UP);
  // The first half was not optimized yet: what follows counts from the second.
  const again = time(run, Math.ceil(calls / 2));
  return Math.max(1, Math.round(SPAN / again));
}

/** Milliseconds a call. */
function time(run: () => void, calls: number): number {
  const began = performance.now();
  for (let i = 0; i < calls; i++) run();
  return (performance.now() - began) / calls;
}

function agree(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  let largest = 0;
  let difference = 0;
  for (let i = 0; i < a.length; i++) {
    largest = Math.max(largest, Math.abs(b[i]!));
    // NaN is not ≤ anything, and so does not agree.
    if (!(Math.abs(a[i]! - b[i]!) <= difference)) difference = Math.abs(a[i]! - b[i]!);
  }
  return difference <= TOLERANCE * largest;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
