import { ACTIVATION } from '../wasm/contract.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import type { Base, Name } from './family.js';
import { BLOCK, roundUp } from './plan.js';

/** Columns of B in a cell at least: shorter pieces of its rows are no long streams (bench/NOTES.md). */
const COLUMNS = 1024;
/** Narrower products than this are not worth a call for each block. */
const LEAST_COLUMNS = 64;

/** A call of a kernel that computes C[m, n] = act(alpha·op(A)·B + beta·C + bias). Its first argument is C. */
interface FewRows {
  name: Name;
  args: readonly number[];
  m: number;
  n: number;
  k: number;
  /** Elements from one row of C to the next. */
  ldc: number;
  /** Which arguments are ldc (if one is), n, k and beta; bias, activation and scratch are the three after beta. */
  at: { ldc?: number; n: number; k: number; beta: number };
  /** What the arguments grow by with each column, and with each term of the sum over k. */
  across: readonly number[];
  along: readonly number[];
  /** In µs on one thread. */
  cost: number;
}

/**
 * Split-K: a product of few rows reads each element of B once, and gets the full bandwidth of memory only where whole rows are
 * read in order (assembly/gemm/rows.ts): so its cells are blocks of the sum over k. On one thread the kernel sums each block
 * separately and adds it to C; here the partial sums are stored, and the caller adds them in the same order. It only adds, so
 * beta has to be 0 or 1.
 * @returns false, and nothing is done, where cutting along k does not apply or does not pay
 */
export function byBlocks(base: Pick<Base, 'raw' | 'run' | 'partials' | 'partialBytes'>, rows: FewRows): boolean {
  const { raw, run, partials, partialBytes } = base;
  const { name, args, m, n, k, at, across, along, cost } = rows;
  const beta = args[at.beta]!;
  const length = blockLength(k);
  // Partial sums take so many bytes for each term of k: those of block i begin at i·length·bytesPerTerm.
  const bytesPerTerm = roundUp(Math.ceil((4 * m * n) / length), 4);
  const termsPerPass = length * Math.floor(partialBytes / (bytesPerTerm * length));
  if (k <= BLOCK || n < LEAST_COLUMNS || termsPerPass < 2 * length || (beta !== 0 && beta !== 1)) return false;
  for (let p = 0; p < k; p += termsPerPass) {
    const terms = Math.min(termsPerPass, k - p);
    // beta is 0, bias and activation are for finish().
    const part = args.map((value, i) => value + p * (along[i] ?? 0)).fill(0, at.beta, at.beta + 3);
    part[0] = partials;
    part[at.k] = terms;
    if (at.ldc !== undefined) part[at.ldc] = n;
    const cellColumns = roundUp(n / Math.max(1, Math.floor(n / COLUMNS)), 16);
    const columns = { count: at.n, total: n, size: Math.min(n, cellColumns), strides: across };
    const blocks = { count: at.k, total: terms, size: length, strides: [bytesPerTerm, ...along.slice(1)] };
    run(name, part, { cuts: [columns, blocks], apart: true, scratch: at.beta + 3, cost: (cost * terms) / k });
    add(raw, rows, partials, bytesPerTerm * length, Math.ceil(terms / length), p === 0 && beta === 0);
  }
  finish(raw, rows);
  return true;
}

/** C += the sums of `count` blocks, `apart` bytes apart, one after the other; with `first`, C = their sum. */
function add(raw: Kernels, rows: FewRows, sums: number, apart: number, count: number, first: boolean): void {
  forEachRun(rows, (c, width, offset) => {
    let total = first ? sums + offset : c;
    for (let block = first ? 1 : 0; block < count; block++, total = c) {
      raw.add_forward(c, total, sums + block * apart + offset, 1, width, 0, 1, 0, 1);
    }
  });
}

/** What follows the sum. */
function finish(raw: Kernels, rows: FewRows): void {
  const { args, n, at } = rows;
  const [bias, activation] = [args[at.beta + 1]!, args[at.beta + 2]!];
  forEachRun(rows, (c, width) => {
    if (bias !== 0) raw.add_forward(c, c, bias, width / n, n, n, 1, 0, 1);
    if (activation === ACTIVATION.relu) raw.relu_forward(c, c, width);
    if (activation === ACTIVATION.sigmoid) raw.sigmoid_forward(c, c, width);
  });
}

/** Calls `use` for each contiguous run of C: `width` elements at c, and at `offset` bytes in sums [m, n] without gaps. */
function forEachRun({ args, m, n, ldc }: FewRows, use: (c: number, width: number, offset: number) => void): void {
  if (ldc === n) use(args[0]!, m * n, 0);
  else for (let row = 0; row < m; row++) use(args[0]! + 4 * ldc * row, n, 4 * n * row);
}

/** Terms in a block: as the kernels cut the sum (block_length: assembly/gemm/params.ts). */
function blockLength(k: number): number {
  return roundUp(Math.ceil(k / Math.ceil(k / BLOCK)), 4);
}
