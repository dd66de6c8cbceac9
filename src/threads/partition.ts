import { LOSS_ROWS } from '../wasm/contract.js';
import type { Kernels } from '../wasm/generated/kernels.js';
import { byBlocks } from './blocks.js';
import type { Call, Family, Name } from './family.js';
import { cellsOf, type Dimension, grid, limits, line, type Plan } from './plan.js';
import { product } from './product.js';

/** Chunks of this many elements are what a long sum is made of (assembly/reduce/sum.ts). */
const SUM_CHUNK = 16384;
/** Chunks in the longest sum that fits the memory. */
export const PARTIALS = 2 ** 30 / SUM_CHUNK;

/** (y, x, n): `cost` in µs an element. */
function unary(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, x, n) => {
      if (!helps(n * cost)) return call(y, x, n);
      split([y, x, n], line({ count: 2, total: n, strides: [4, 4], multiple: 16 }, cost));
    };
}

/** (y, a, b, n) */
function binary(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, a, b, n) => {
      if (!helps(n * cost)) return call(y, a, b, n);
      split([y, a, b, n], line({ count: 3, total: n, strides: [4, 4, 4], multiple: 16 }, cost));
    };
}

/** (w, g, n, learning rate) */
function update(cost: number): Family {
  return ({ call, helps, split }) =>
    (w, g, n, rate) => {
      if (!helps(n * cost)) return call(w, g, n, rate);
      split([w, g, n, rate], line({ count: 2, total: n, strides: [4, 4], multiple: 16 }, cost));
    };
}

/** (y, a, b, rows, cols, aRow, aCol, bRow, bCol) */
function broadcast(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, a, b, rows, cols, aRow, aCol, bRow, bCol) => {
      if (!helps(rows * cols * cost)) return call(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
      split(
        [y, a, b, rows, cols, aRow, aCol, bRow, bCol],
        // Columns are cut only where each row is a cell of its own: the distance to the next row does not matter then.
        grid(
          { count: 3, total: rows, strides: [4 * cols, 4 * aRow, 4 * bRow] },
          { count: 4, total: cols, strides: [4, 4 * aCol, 4 * bCol], multiple: 16 },
          cost,
        ),
      );
    };
}

/** What a row costs beside its elements, in µs. */
const ROW = 0.01;

/** (y, x, rows, cols) */
function rowwise(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, x, rows, cols) => {
      const each = cost * cols + ROW;
      if (!helps(rows * each)) return call(y, x, rows, cols);
      split([y, x, rows, cols], line({ count: 2, total: rows, strides: [4 * cols, 4 * cols] }, each));
    };
}

/** (y, losses, x, labels, rows, cols); a label is an index, or with `dense` a row. */
function lossForward(cost: number, dense: boolean): Family {
  return ({ call, helps, split }) =>
    (y, losses, x, labels, rows, cols) => {
      const each = cost * cols + ROW;
      if (!helps(rows * each)) return call(y, losses, x, labels, rows, cols);
      const strides = [4 * cols, 8 / LOSS_ROWS, 4 * cols, dense ? 4 * cols : 4];
      split([y, losses, x, labels, rows, cols], line({ count: 4, total: rows, strides, multiple: LOSS_ROWS }, each));
    };
}

/** (dx, y, labels, rows, cols, scale) */
function lossBackward(cost: number, dense: boolean): Family {
  return ({ call, helps, split }) =>
    (dx, y, labels, rows, cols, scale) => {
      const each = cost * cols + ROW;
      if (!helps(rows * each)) return call(dx, y, labels, rows, cols, scale);
      const strides = [4 * cols, 4 * cols, dense ? 4 * cols : 4];
      split([dx, y, labels, rows, cols, scale], line({ count: 3, total: rows, strides }, each));
    };
}

/** How a reduction (y, x, outer, axis, inner, stride, …) is cut: over what is not reduced. */
function reductionPlan(outer: number, axis: number, inner: number, stride: number, cost: number): Plan {
  const slabs: Dimension = { count: 2, total: outer, strides: [4 * stride, 4 * axis * stride] };
  const columns: Dimension = { count: 4, total: inner, strides: [4, 4], multiple: 64 };
  return grid(slabs, columns, cost * axis);
}

/** (y, x, outer, axis, inner, stride) */
function reduction(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, x, outer, axis, inner, stride) => {
      if (!helps(outer * axis * inner * cost)) return call(y, x, outer, axis, inner, stride);
      split([y, x, outer, axis, inner, stride], reductionPlan(outer, axis, inner, stride, cost));
    };
}

/** (y, x, outer, axis, inner, stride, divisor, accumulate, scratch); one long row is cut too, into sums that are then added. */
function sum(cost: number): Family {
  return ({ call, helps, split, run, raw, partials }) =>
    (y, x, outer, axis, inner, stride, divisor, accumulate, scratch) => {
      if (!helps(outer * axis * inner * cost))
        return call(y, x, outer, axis, inner, stride, divisor, accumulate, scratch);
      if (outer === 1 && inner === 1) {
        const strides = [8 / SUM_CHUNK, 4];
        run('sum_partial', [partials, x, axis], line({ count: 2, total: axis, strides, multiple: SUM_CHUNK }, cost));
        raw.sum_total(y, partials, Math.ceil(axis / SUM_CHUNK), divisor, accumulate);
      } else {
        const args = [y, x, outer, axis, inner, stride, divisor, accumulate, scratch];
        split(args, { ...reductionPlan(outer, axis, inner, stride, cost), scratch: 8 });
      }
    };
}

/** (y, x, indices, count, outer, axis, inner): the rows of one slab. */
function gather(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, x, indices, count, outer, axis, inner) => {
      const each = cost * inner + ROW;
      if (outer !== 1 || !helps(count * each)) return call(y, x, indices, count, outer, axis, inner);
      split(
        [y, x, indices, count, outer, axis, inner],
        line({ count: 3, total: count, strides: [4 * inner, 0, 4] }, each),
      );
    };
}

/** (y, x, rows, cols, xRowStride, yRowStride): the rows of x, which are columns of y; whole cache lines of y. */
function transpose(cost: number): Family {
  return ({ call, helps, split }) =>
    (y, x, rows, cols, xRow, yRow) => {
      if (!helps(rows * cols * cost)) return call(y, x, rows, cols, xRow, yRow);
      const lines = { count: 2, total: rows, strides: [4, 4 * xRow], multiple: 16 };
      split([y, x, rows, cols, xRow, yRow], line(lines, cost * cols));
    };
}

/** Bytes of a matrix that one thread reads in a µs: between what memory gives and what caches do. */
const READ_RATE = 30_000;
/** Columns of a transposed matrix that a cell has at least: shorter pieces of its rows are no streams. */
const STREAM = 64;

/** gemv_t as {@link byBlocks} needs to know it. */
const ONE_ROW = { name: 'gemv_t', m: 1, at: { n: 5, k: 4, beta: 7 }, across: [4, 4] } as const;

/**
 * gemv_n (y, a, lda, x, m, k, alpha, beta, bias, activation, scratch, biasStep), or transposed
 * gemv_t (y, a, lda, x, k, n, alpha, beta, bias, activation, scratch, narrow). Both take the time of reading A. Cut over the
 * elements of y; gemv_t over blocks of k where that pays ({@link byBlocks}).
 */
function matrixVector(transposed: boolean): Family {
  const count = transposed ? 5 : 4;
  return (base) => {
    const { call, helps, split } = base;
    return (y, a, lda, x, p, q, alpha, beta, bias, activation, scratch, last) => {
      // Elements of y, and terms of each: p, q are m, k, or transposed k, n.
      const [total, length] = transposed ? [q, p] : [p, q];
      const each = (length * 4) / READ_RATE;
      if (!helps(total * each)) return call(y, a, lda, x, p, q, alpha, beta, bias, activation, scratch, last);
      const args = [y, a, lda, x, p, q, alpha, beta, bias, activation, scratch, last];
      const cost = total * each;
      if (transposed && byBlocks(base, { ...ONE_ROW, args, n: q, k: p, ldc: q, along: [0, 4 * lda, 0, 4], cost }))
        return;
      const strides = [4, transposed ? 4 : 4 * lda, 0, 0, 0, 0, 0, 0, bias === 0 ? 0 : transposed ? 4 : 4 * last];
      const plan = line({ count, total, strides, multiple: transposed ? STREAM : 16 }, each);
      split(args, { ...plan, scratch: 10 });
    };
  };
}

/** How each kernel is cut, with what an element costs on one thread, in µs, about (`npm run bench -- NAME`). */
const table: Partial<Record<Name, Family>> = {
  relu_forward: unary(2e-4),
  sigmoid_forward: unary(9e-4),
  tanh_forward: unary(9e-4),
  exp_forward: unary(8e-4),
  log_forward: unary(1e-3),
  sqrt_forward: unary(4e-4),
  neg_forward: unary(2e-4),
  abs_forward: unary(2e-4),
  relu_backward: binary(3e-4),
  sigmoid_backward: binary(4e-4),
  add_forward: broadcast(3e-4),
  sub_forward: broadcast(3e-4),
  mul_forward: broadcast(3e-4),
  div_forward: broadcast(3e-4),
  maximum_forward: broadcast(3e-4),
  minimum_forward: broadcast(3e-4),
  softmax_forward: rowwise(8e-4),
  log_softmax_forward: rowwise(8e-4),
  softmax_cross_entropy_forward: lossForward(9e-4, false),
  softmax_cross_entropy_forward_dense: lossForward(1e-3, true),
  softmax_cross_entropy_backward: lossBackward(3e-4, false),
  softmax_cross_entropy_backward_dense: lossBackward(4e-4, true),
  sgd_update: update(3e-4),
  sum_reduce: sum(1.5e-4),
  max_reduce: reduction(2e-4),
  min_reduce: reduction(2e-4),
  argmax_reduce: reduction(4e-4),
  gather: gather(2e-4),
  transpose2d: transpose(5e-4),
  gemm: product,
  gemv_n: matrixVector(false),
  gemv_t: matrixVector(true),
};

/** The kernels that jobs name by their index. */
export const kernelNames: readonly Name[] = [...(Object.keys(table) as Name[]), 'sum_partial'];

/** What runs jobs: the pool. */
interface Runner {
  helps(cost: number): boolean;
  /** Runs the call of a kernel, by its index, in parts. */
  run(kernel: number, args: number[], plan: Plan): void;
}

/**
 * The same kernels, the larger calls of which go to the runner. Cut or not, and however many threads: the bits are the
 * same, because no kernel's result depends on where its range was cut.
 */
export function threaded(raw: Kernels, partials: number, runner: Runner): Kernels {
  const kernels: Record<string, unknown> = { ...raw };
  const helps = (cost: number) => cost >= limits.least && runner.helps(cost);
  const run = (name: Name, args: number[], plan: Plan) => {
    if (cellsOf(plan) === 1) (raw[name] as Call)(...args);
    else runner.run(kernelNames.indexOf(name), args, plan);
  };
  for (const name of kernelNames) {
    const split = (args: number[], plan: Plan) => run(name, args, plan);
    kernels[name] =
      table[name]?.({ call: raw[name] as Call, helps, split, run, raw, partials, partialBytes: PARTIALS * 8 }) ??
      raw[name];
  }
  return kernels as unknown as Kernels;
}
