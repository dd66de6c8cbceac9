import type { Kernels } from '../wasm/generated/kernels.js';
import type { Plan } from './plan.js';

export type Name = keyof Kernels;
export type Call = (...args: number[]) => void;

/** What a family makes its kernel of. */
export interface Base {
  /** The kernel on one thread. */
  call: Call;
  /** Whether a call that takes `cost` µs gains from more threads, as they are now. */
  helps(cost: number): boolean;
  /** The kernel, cut as planned; it must be worth it. */
  split(args: number[], plan: Plan): void;
  /** As {@link split} for another kernel. */
  run(name: Name, args: number[], plan: Plan): void;
  raw: Kernels;
  /** Byte offset and size in bytes of the room for partial sums: float64 of `sum_partial`, float32 of split-K. */
  partials: number;
  partialBytes: number;
}

/**
 * Makes the threaded version of a kernel, with the same parameters; kernels that are cut alike share a family. The version
 * first looks at the counts and at the threads, and just calls the kernel where one thread is as good.
 */
export type Family = (base: Base) => Call;
