/** A kernel call as a grid of independent cells; made of shapes only, never of the number of threads. */
export interface Plan {
  cuts: readonly [Cut, Cut];
  /** Which argument is the scratch of the thread; -1 for none. */
  scratch: number;
  /** Which argument is 1 when the thread's last call was of this job and of the same part of the second cut; none by default. */
  kept?: number;
  /** Whether a call stays within one part of the second cut; else it may take whole lines of cells, in several parts of it. */
  apart?: boolean;
  /** What the call takes on one thread, in µs, roughly. */
  cost: number;
}

/**
 * How one dimension is cut. `count`: index of the argument that holds its length; `total`: that length; `size`: elements in a
 * cell; `strides`: what each argument grows by per element.
 */
export interface Cut {
  count: number;
  total: number;
  size: number;
  strides: readonly number[];
}

/** A dimension to be cut; sizes are multiples of `multiple`, 1 without it. */
export interface Dimension {
  count: number;
  total: number;
  strides: readonly number[];
  multiple?: number;
}

/**
 * What is worth it, in µs of one thread (measured: npm run bench:threads). Shapes are compared with these, so they are
 * part of what decides the grid; only tests change them, before threads start.
 */
export const limits = {
  /** Calls under this stay on one thread even when a worker is awake. */
  least: 20,
  /** A cell should take so long (products have their own below): short enough to even out slow cores, long enough to be worth a claim. */
  cell: 25,
  /** A sleeping worker is woken for calls from here on: it takes about 60 µs until it is there, and is slow at first. */
  wake: 150,
  /**
   * A claim takes cells of so many µs at most: a thread that makes no progress for long is taken for dead. The longer ones
   * are for what has scratch: products, and sums, which write little. The others may be the first to touch their memory, which
   * takes 20 times as long.
   */
  claim: 6000,
  claimUnpacked: 1000,
  /** A product comes in so many parts, of so many operations at least and at most (20 µs, 3 ms), with 8 cells each. */
  productParts: 8,
  productLeast: 1e6,
  productMost: 1.6e8,
  /** The columns of a product that has one band of rows are cut into cells of so many operations, about (60 µs). */
  productCell: 2.5e6,
};

/** Most terms in a block of B (KC: assembly/gemm/params.ts), and most columns of one that is kept between claims. */
export const BLOCK = 512;

const WHOLE: Cut = { count: 0, total: 1, size: 1, strides: [] };

/** Cuts one dimension whose elements take `cost` µs each. */
export function line(dimension: Dimension, cost: number): Plan {
  return { cuts: [cut(dimension, parts(dimension.total * cost)), WHOLE], scratch: -1, cost: dimension.total * cost };
}

/** Cuts rows, and columns too where there are fewer rows than cells; an element of a row takes `cost` µs. */
export function grid(rows: Dimension, columns: Dimension, cost: number): Plan {
  const total = rows.total * columns.total * cost;
  const wanted = parts(total);
  const across = Math.ceil(wanted / rows.total);
  return { cuts: [cut(columns, across), cut(rows, Math.min(wanted, rows.total))], scratch: -1, cost: total };
}

/** How many cells a call of `cost` µs should have. */
function parts(cost: number): number {
  return Math.max(2, Math.round(cost / limits.cell));
}

function cut({ count, total, strides, multiple = 1 }: Dimension, into: number): Cut {
  const size = Math.ceil(total / into / multiple) * multiple;
  return { count, total, size: Math.min(size, total), strides };
}

/** Cells of a plan. */
export function cellsOf({ cuts: [a, b] }: Plan): number {
  return Math.ceil(a.total / a.size) * Math.ceil(b.total / b.size);
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}
