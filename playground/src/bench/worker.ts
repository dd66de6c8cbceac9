// Measures in a worker: the page can be used meanwhile, and its own work does not disturb the figures.
import { backendInfo, ready } from 'simdgrad';
import { within } from '../../../bench/support/check.js';
import { type Contest, contest } from './cases.js';
import { ROWS } from './list.js';
import type { FromWorker, ToWorker } from './messages.js';

const scope = globalThis as {
  onmessage: ((event: { data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
};

/** The two take turns, so that a machine that slows down slows both. */
const ROUNDS = 15;
/** Milliseconds in one measurement: well above the resolution of a browser's clock, which may be 0.1 ms. */
const SPAN = 6;
/**
 * The engine optimizes in the background, on a busy machine after seconds only. So the warm-up goes on, with pauses for
 * it, until the last rounds were no faster than those before.
 */
const WARM_UP = { span: 30, pause: 40, patience: 5, gain: 0.93, most: 60 };
/** Both must give the same after so many runs, of which each builds on those before in training. */
const CHECKS = 5;
/** In float32 and another order of summation, relative to the largest result. */
const TOLERANCE = 1e-3;

scope.onmessage = async () => {
  try {
    await ready();
    for (const { id } of ROWS) {
      scope.postMessage({ type: 'started', id });
      const current = contest(id);
      scope.postMessage({ type: 'result', result: { id, ...(await measure(current)) } });
      current.dispose();
    }
    scope.postMessage({ type: 'done', simd: backendInfo().simd });
  } catch (error) {
    scope.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
  }
};

async function measure(current: Contest) {
  for (let i = 0; i < CHECKS; i++) {
    current.simdgrad();
    current.plain();
  }
  const agrees = within(...current.results(), TOLERANCE) === undefined;
  const runs = { simdgrad: await warmUp(current.simdgrad), plain: await warmUp(current.plain) };
  const times: Record<'simdgrad' | 'plain', number[]> = { simdgrad: [], plain: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const who of ['simdgrad', 'plain'] as const) times[who].push(time(current[who], runs[who]));
  }
  return { simdgrad: Math.min(...times.simdgrad), plain: Math.min(...times.plain), flop: current.flop, agrees };
}

/** @returns how many calls fill a measurement */
async function warmUp(run: () => void): Promise<number> {
  const { span, pause, patience, gain, most } = WARM_UP;
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0, idle = 0; round < most && idle < patience; round++) {
    const began = performance.now();
    let calls = 0;
    let elapsed = 0;
    do {
      run();
      calls++;
      elapsed = performance.now() - began;
    } while (elapsed < span);
    idle = elapsed / calls < gain * best ? 0 : idle + 1;
    best = Math.min(best, elapsed / calls);
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
  return Math.max(1, Math.round(SPAN / best));
}

/** Milliseconds a call. */
function time(run: () => void, calls: number): number {
  const began = performance.now();
  for (let i = 0; i < calls; i++) run();
  return (performance.now() - began) / calls;
}
