import type { Kernels } from '../wasm/generated/kernels.js';
import { chunksOf, type Dimension, grid, limits, line, type Plan } from './plan.js';
import { product } from './product.js';

export type Name = keyof Kernels;
export type Call = (...args: number[]) => void;

/** What a family makes its kernel of. */
export interface Base {
  /** The kernel on one thread. */
  call: Call;
  /** The kernel on all threads where that gains, else on this one. */
  split(args: number[], plan: Plan): void;
  /** As {@link split} for another kernel; `false`, and nothing done, where it does not gain. */
  run(name: Name, args: number[], plan: Plan): boolean;
  raw: Kernels;
  /** Byte offset of room for {@link PARTIALS} float64. */
  partials: number;
}

/**
 * The kernels that are cut alike. Each gives its kernel with the same parameters, which first looks at the counts:
 * a small call goes on at once.
 */
export type Family = (base: Base) => Call;

/** Chunks of this many elements are what a long sum is made of (assembly/reduce/sum.ts). */
const SUM_CHUNK = 16384;
/** Chunks in the longest sum that fits the memory. */
export const PARTIALS = 2 ** 30 / SUM_CHUNK;

/** (y, x, n): `cost` in µs an element. */
function unary(cost: number): Family {
  return ({ call, split }) => {
    const least = limits.least / cost;
    return (y, x, n) =>
      n < least ? call(y, x, n) : split([y, x, n], line({ count: 2, total: n, strides: [4, 4], multiple: 16 }, cost));
  };
}

/** (y, a, b, n) */
function binary(cost: number): Family {
  return ({ call, split }) => {
    const least = limits.least / cost;
    return (y, a, b, n) =>
      n < least
        ? call(y, a, b, n)
        : split([y, a, b, n], line({ count: 3, total: n, strides: [4, 4, 4], multiple: 16 }, cost));
  };
}

/** (w, g, n, learning rate) */
const update: Family = ({ call, split }) => {
  const cost = 3e-4;
  const least = limits.least / cost;
  return (w, g, n, rate) =>
    n < least
      ? call(w, g, n, rate)
      : split([w, g, n, rate], line({ count: 2, total: n, strides: [4, 4], multiple: 16 }, cost));
};

/** (y, a, b, rows, cols, a_row, a_col, b_row, b_col) */
function broadcast(cost: number): Family {
  return ({ call, split }) => {
    const least = limits.least / cost;
    return (y, a, b, rows, cols, aRow, aCol, bRow, bCol) => {
      if (rows * cols < least) return call(y, a, b, rows, cols, aRow, aCol, bRow, bCol);
      split(
        [y, a, b, rows, cols, aRow, aCol, bRow, bCol],
        // A chunk of columns is one of a single row: how far its next row is does not matter.
        grid(
          { count: 3, total: rows, strides: [4 * cols, 4 * aRow, 4 * bRow] },
          { count: 4, total: cols, strides: [4, 4 * aCol, 4 * bCol], multiple: 16 },
          cost,
        ),
      );
    };
  };
}

/** What a row costs beside its elements, in µs. */
const ROW = 0.01;

/** (y, x, rows, cols) */
function rows2(cost: number): Family {
  return ({ call, split }) =>
    (y, x, rows, cols) => {
      const each = cost * cols + ROW;
      if (rows * each < limits.least) return call(y, x, rows, cols);
      split([y, x, rows, cols], line({ count: 2, total: rows, strides: [4 * cols, 4 * cols] }, each));
    };
}

/** (y, losses, x, labels, rows, cols); a label is an index, or with `dense` a row. */
function lossForward(cost: number, dense: boolean): Family {
  return ({ call, split }) =>
    (y, losses, x, labels, rows, cols) => {
      const each = cost * cols + ROW;
      if (rows * each < limits.least) return call(y, losses, x, labels, rows, cols);
      const strides = [4 * cols, 8, 4 * cols, dense ? 4 * cols : 4];
      split([y, losses, x, labels, rows, cols], line({ count: 4, total: rows, strides }, each));
    };
}

/** (dx, y, labels, rows, cols, scale) */
function lossBackward(cost: number, dense: boolean): Family {
  return ({ call, split }) =>
    (dx, y, labels, rows, cols, scale) => {
      const each = cost * cols + ROW;
      if (rows * each < limits.least) return call(dx, y, labels, rows, cols, scale);
      const strides = [4 * cols, 4 * cols, dense ? 4 * cols : 4];
      split([dx, y, labels, rows, cols, scale], line({ count: 3, total: rows, strides }, each));
    };
}

/** How x and y of a reduction (y, x, outer, axis, inner, stride, …) are cut, over what is not reduced. */
function reductionPlan(outer: number, axis: number, inner: number, stride: number, cost: number): Plan {
  const slabs: Dimension = { count: 2, total: outer, strides: [4 * stride, 4 * axis * stride] };
  const columns: Dimension = { count: 4, total: inner, strides: [4, 4], multiple: 64 };
  return grid(slabs, columns, cost * axis);
}

/** (y, x, outer, axis, inner, stride) */
function reduction(cost: number): Family {
  return ({ call, split }) => {
    const least = limits.least / cost;
    return (y, x, outer, axis, inner, stride) =>
      outer * axis * inner < least
        ? call(y, x, outer, axis, inner, stride)
        : split([y, x, outer, axis, inner, stride], reductionPlan(outer, axis, inner, stride, cost));
  };
}

/** (y, x, outer, axis, inner, stride, divisor, accumulate); one long row is cut too, into sums that are then added. */
const sum: Family = ({ call, split, run, raw, partials }) => {
  const cost = 1.5e-4;
  const least = limits.least / cost;
  return (y, x, outer, axis, inner, stride, divisor, accumulate) => {
    if (outer * axis * inner < least) return call(y, x, outer, axis, inner, stride, divisor, accumulate);
    if (outer === 1 && inner === 1) {
      const strides = [8 / SUM_CHUNK, 4];
      const plan = line({ count: 2, total: axis, strides, multiple: SUM_CHUNK }, cost);
      if (run('sum_partial', [partials, x, axis], plan)) {
        raw.sum_total(y, partials, Math.ceil(axis / SUM_CHUNK), divisor, accumulate);
        return;
      }
    }
    split([y, x, outer, axis, inner, stride, divisor, accumulate], reductionPlan(outer, axis, inner, stride, cost));
  };
};

/** (y, x, indices, count, outer, axis, inner): the rows of one slab. */
const gather: Family = ({ call, split }) => {
  const cost = 2e-4;
  const least = limits.least / cost;
  return (y, x, indices, count, outer, axis, inner) => {
    if (outer !== 1 || count * inner < least) return call(y, x, indices, count, outer, axis, inner);
    const rows = { count: 3, total: count, strides: [4 * inner, 0, 4] };
    split([y, x, indices, count, outer, axis, inner], line(rows, cost * inner + ROW));
  };
};

/** (y, x, rows, cols, x_row_stride, y_row_stride): the rows of x, which are columns of y; whole cache lines of y. */
const transpose: Family = ({ call, split }) => {
  const cost = 5e-4;
  const least = limits.least / cost;
  return (y, x, rows, cols, xRow, yRow) => {
    if (rows * cols < least) return call(y, x, rows, cols, xRow, yRow);
    const plan = line({ count: 2, total: rows, strides: [4, 4 * xRow], multiple: 16 }, cost * cols);
    split([y, x, rows, cols, xRow, yRow], plan);
  };
};

/** Bytes of a matrix that one thread reads in a µs. */
const READ_RATE = 30_000;

/** gemv_n (y, a, lda, x, m, k, …), gemv_t (y, a, lda, x, k, n, …): bound by reading A; over the elements of y. */
function matrixVector(transposed: boolean): Family {
  const count = transposed ? 5 : 4;
  return ({ call, split }) =>
    (y, a, lda, x, p, q, alpha, beta, bias, activation, scratch) => {
      const [total, length] = transposed ? [q, p] : [p, q];
      const each = (length * 4) / READ_RATE;
      if (total * each < limits.least) return call(y, a, lda, x, p, q, alpha, beta, bias, activation, scratch);
      const strides = [4, transposed ? 4 : 4 * lda, 0, 0, 0, 0, 0, 0, bias === 0 ? 0 : 4];
      const plan = line({ count, total, strides, multiple: 16 }, each);
      split([y, a, lda, x, p, q, alpha, beta, bias, activation, scratch], { ...plan, scratch: 10 });
    };
}

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
  softmax_forward: rows2(8e-4),
  log_softmax_forward: rows2(8e-4),
  softmax_cross_entropy_forward: lossForward(9e-4, false),
  softmax_cross_entropy_forward_dense: lossForward(1e-3, true),
  softmax_cross_entropy_backward: lossBackward(3e-4, false),
  softmax_cross_entropy_backward_dense: lossBackward(4e-4, true),
  sgd_update: update,
  sum_reduce: sum,
  max_reduce: reduction(2e-4),
  min_reduce: reduction(2e-4),
  argmax_reduce: reduction(4e-4),
  gather,
  transpose2d: transpose,
  gemm_nn: product(false, false),
  gemm_nt: product(false, true),
  gemm_tn: product(true, false),
  gemm_tt: product(true, true),
  gemv_n: matrixVector(false),
  gemv_t: matrixVector(true),
};

/** The kernels that jobs name by their index. */
export const kernelNames: readonly Name[] = [...(Object.keys(table) as Name[]), 'sum_partial'];

/** Runs the call of a kernel, by its index, as planned; `false`, and nothing done, where it does not gain. */
export type Run = (kernel: number, args: number[], plan: Plan) => boolean;

/**
 * The same kernels, the larger calls of which go to `run`. Cut or not, and however many threads: the bits are the same,
 * because no kernel's result depends on where its range was cut.
 */
export function threaded(raw: Kernels, partials: number, run: Run): Kernels {
  const kernels: Record<string, unknown> = { ...raw };
  const runNamed: Base['run'] = (name, args, plan) => chunksOf(plan) > 1 && run(kernelNames.indexOf(name), args, plan);
  for (const [index, name] of kernelNames.entries()) {
    const call = raw[name] as Call;
    const split: Base['split'] = (args, plan) => {
      if (chunksOf(plan) === 1 || !run(index, args, plan)) call(...args);
    };
    const family = table[name];
    if (family !== undefined) kernels[name] = family({ call, split, run: runNamed, raw, partials });
  }
  return kernels as unknown as Kernels;
}
