/**
 * The words through which threads meet, in the first page of the shared memory, which belongs to no heap. Each team has
 * a block of its own, so that a thread of an abandoned one cannot disturb its successor. Words that different threads
 * write stand on cache lines of their own, except STATES and BEATS, of which there are too many.
 */
export const CONTROL_BYTES = 4096;

// Indices of int32 words. None is compared for order except MOST and those of LEFT, which are stored anew for each job:
// no word that wraps can mislead.
/** Changes with every job; sleeping workers wait on it. */
export const SEQUENCE = 0;
/** How many shares the cells of a job come in; see {@link LEFT}. */
export const SHARES = 16;
/** Cells that have ended; a caller that sleeps waits on it. */
export const ENDED = 32;
/** 1 while the caller sleeps on {@link ENDED}. */
export const CALLER_SLEEPS = 48;
/** 1: a kernel trapped in this job, on whatever thread. */
export const FAULT = 64;
/** 1: workers leave. */
export const STOP = 80;
/** Index of the kernel in the list that the workers were given, and the number of its arguments. */
export const KERNEL = 96;
export const ARGUMENTS = 97;
/** Which argument is the scratch of the thread; -1 for none. */
export const SCRATCH = 98;
/** Which argument says that the scratch still holds what the last call packed; -1 for none. */
export const KEPT = 108;
/** 1: no call takes cells of more than one part of the second cut. */
export const APART = 109;
/** The most cells that a claim may take. */
export const MOST = 99;
/** Two cuts of {@link CUT_WORDS}, to word 107. In each: which argument is the count, its total, its size in a cell, how many cells. */
export const CUTS = 100;
export const CUT_WORDS = 4;
export const COUNT = 0;
export const TOTAL = 1;
export const SIZE = 2;
export const CELLS = 3;
/** 0 while the shares of a job are being written. */
export const OPEN = 112;
/**
 * The cells of each share that nobody has claimed, on a cache line each. Every thread has a share (beyond 16 they share
 * them), from which it claims first: so from call to call the same thread works on the same part, which is still in its
 * cache. Then it helps with the others.
 */
export const LEFT = 512;
export const LINE = 16;
export const MAXIMUM_SHARES = 16;
/** One of {@link STATE} for each worker. */
export const STATES = 128;
export const MAXIMUM_WORKERS = 128;
/** The heartbeat of each worker: odd while it has a claim, and changed with every kernel call within the claim. */
export const BEATS = LEFT + MAXIMUM_SHARES * LINE;

// Indices of float64 words: the arguments (pointers and counts are exact in a double), and what each of them grows by
// with each element of either cut.
export const VALUES = 128;
export const MAXIMUM_ARGUMENTS = 24;
export const STRIDES = VALUES + MAXIMUM_ARGUMENTS;

/** The number of the job; no two of a team have the same. */
export const JOB = STRIDES + 2 * MAXIMUM_ARGUMENTS;

export const STATE = { absent: 0, awake: 1, asleep: 2 } as const;

/** Whether there is a cell that nobody has claimed. */
export function anyLeft(words: Int32Array): boolean {
  for (let share = words[SHARES]! - 1; share >= 0; share--)
    if (Atomics.load(words, LEFT + share * LINE) > 0) return true;
  return false;
}

/** The cells of the shares before `share`, of so many in all. */
export function sharesBefore(share: number, shares: number, cells: number): number {
  return Math.floor((share * cells) / shares);
}

/**
 * How many of the cells left in a share a claim takes: three quarters of the thread's own, half of another's. So a product
 * packs its operands for few chunks, and the last chunks, for which the other threads wait, are short. (Guided
 * self-scheduling: Polychronopoulos and Kuck, 1987.)
 */
export function portion(left: number, most: number, own: boolean): number {
  return Math.max(1, Math.min(own ? (left * 3) >> 2 : left >> 1, most));
}

/** What a worker is started with. */
export interface WorkerStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  /** Byte offset of the control block. */
  control: number;
  /** Names of the kernels, by the index that jobs use. */
  kernels: readonly string[];
  worker: number;
  /** Byte offset of its scratch. */
  scratch: number;
}
