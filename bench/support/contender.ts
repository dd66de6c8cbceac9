import type * as simdgrad from '../../src/index';
import type { Made, Peer } from './peer';

/** The package as a bench sees it: the built one, perhaps with other kernels. */
export type Library = typeof simdgrad;

/** Somebody who can do the work of a case. */
export interface Contender {
  /** The work, once. What it returns is kept, so that no engine can drop the work. */
  run(): unknown;
  /** The answer of the last run, to be checked. */
  result(): ArrayLike<number>;
  dispose?(): void;
  /** A copy from one of its arrays to another, in the pages of memory that run() meets; it may spoil the answer. */
  copy?: { run(): unknown; bytes: number };
  /** Of plain JavaScript: seconds for which it runs before it is timed, without Maglev. */
  warm?: number;
}

/** One operation at one size: what it takes, what a right answer is, and who computes it. */
export interface Case {
  shape: string;
  /** Float operations of one run; the roof is then the multiply-add loop. */
  flop?: number;
  /** Bytes that one run reads and writes; the roof is then a copy that moves as many, {@link Contender.copy} or one elsewhere. */
  bytes?: number;
  /** Bytes that one run only reads; runs go in turn through `of` bytes. The roof is then a loop that does the same. */
  reads?: { bytes: number; of: number };
  /** What is wrong with an answer; undefined for a right one. Peers promise less accuracy, so less is asked of them. */
  check(y: ArrayLike<number>, by?: 'us' | 'peer'): string | undefined;
  /** What run() returns, unless it returns nothing. */
  loss?(): number;
  /** How often run() does the work, where once is too short to be timed. */
  times?: number;
  simdgrad(library: Library): Contender;
  /** Other ways of the package to the same answer, by name. */
  others?(library: Library): Record<string, Contender>;
  js?(): Contender;
  /** How a package of bench/peers does it, in one way or several, by name. */
  peers?(peer: Peer): Record<string, () => Made>;
}

export interface Bench {
  name: string;
  /** The cases of `npm run bench`. A case is made when its turn comes and dropped after it. */
  cases: (() => Case)[];
  /** More sizes, for `npm run bench -- <name>`. */
  more: (() => Case)[];
}

/** What is wrong with what a run has returned, and with its answer; undefined where both are right. */
export function wrongIn(
  { loss, check }: Case,
  returned: unknown,
  y: ArrayLike<number>,
  by?: 'us' | 'peer',
): string | undefined {
  if (loss && returned !== undefined && !(Math.abs(Number(returned) - loss()) <= 1e-5 * loss())) {
    return `the loss is ${returned} instead of ${loss()}`;
  }
  return check(y, by);
}

/** A bench over sizes: `make` builds the case of one. */
export function bench<S>(
  name: string,
  sizes: S[],
  make: (size: S) => Case,
  more: S[] = [],
): Bench & { make(size: S): Case } {
  const lazy = (list: S[]) => list.map((size) => () => make(size));
  return { name, cases: lazy(sizes), more: lazy(more), make };
}

/** Our contender where each run makes a result anew, as most code does, and gives back the one before. */
export function renewing(
  library: Library,
  values: Float32Array,
  shape: number[],
  call: (x: simdgrad.Tensor) => simdgrad.Tensor,
): Contender {
  const input = library.tensor(values, shape);
  let last = library.zeros([]);
  return {
    run() {
      last.dispose();
      last = call(input);
    },
    result: () => last.toTypedArray(),
    dispose: () => free(input, last),
  };
}

/** Gives memory back. */
export function free(...owners: { dispose(): void }[]): void {
  for (const owner of owners) owner.dispose();
}
