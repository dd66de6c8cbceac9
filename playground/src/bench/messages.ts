/** What the page and the worker that measures say to each other. */

export interface Result {
  id: string;
  /** Milliseconds, the best of several measurements: what else the machine does only ever adds to them. */
  simdgrad: number;
  plain: number;
  /** Floating-point operations of one run, where they are what counts. */
  flop: number | undefined;
  /** Whether both gave the same numbers, but for rounding. */
  agrees: boolean;
}

export type ToWorker = { type: 'run' };

export type FromWorker =
  | { type: 'started'; id: string }
  | { type: 'result'; result: Result }
  | { type: 'done'; simd: string }
  | { type: 'failed'; message: string };
