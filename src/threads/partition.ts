import type { Kernels } from '../wasm/generated/kernels.js';
import type { Cut, Job, Pool } from './pool.js';

type Name = keyof Kernels;
type Call = (...args: number[]) => number;

/** How calls of a kernel are cut, or `undefined` for one that is not worth it. Made of the arguments only. */
type Partition = (args: readonly number[]) => Omit<Job, 'kernel' | 'args'> | undefined;

const WHOLE: Cut = { count: 0, total: 1, size: 1, strides: [] };

/** A chunk should take about so many µs: small enough to even out slow cores, large enough for the cost of a claim. */
const CHUNK_COST = 25;

/** Jobs under this many µs stay on one thread even when a worker is awake (measured: npm run bench:threads). */
const LEAST_COST = 12;

/** Along one dimension of `total` elements at `cost` µs each. */
function along(
  count: number,
  total: number,
  cost: number,
  multiple: number,
  strides: readonly number[],
): ReturnType<Partition> {
  if (total * cost < LEAST_COST) return undefined;
  const size = Math.max(1, Math.ceil(CHUNK_COST / cost / multiple)) * multiple;
  if (size >= total) return undefined;
  return { scratch: -1, cost: total * cost, cuts: [{ count, total, size, strides }, WHOLE] };
}

/** kernel(pointers…, n, …): `cost` in µs an element. */
function elementwise(pointers: number, cost: number): Partition {
  const strides = new Array(pointers).fill(4);
  return (args) => along(pointers, args[pointers]!, cost, 16, strides);
}

/** (y, a, b, rows, cols, a_row, a_col, b_row, b_col) */
const broadcast: Partition = (args) => {
  const [, , , rows = 0, cols = 0, aRow = 0, aCol = 0, bRow = 0, bCol = 0] = args;
  if (rows === 1) return along(4, cols, 3e-4, 16, [4, 4 * aCol, 4 * bCol]);
  return along(3, rows, 3e-4 * cols, 1, [4 * cols, 4 * aRow, 4 * bRow]);
};

/** (pointers…, rows, cols): `bytes` that each pointer moves a row, from the number of columns. */
function rowwise(cost: number, bytes: (cols: number) => number[]): Partition {
  return (args) => {
    const strides = bytes(1);
    const rows = strides.length;
    const cols = args[rows + 1]!;
    return along(rows, args[rows]!, cost * cols + 0.01, 1, bytes(cols));
  };
}

/** (y, x, outer, axis, inner, stride, …) */
const reduction: Partition = (args) => {
  const [, , outer = 0, axis = 0, inner = 0, stride = 0] = args;
  if (outer > 1) return along(2, outer, 2e-4 * axis * inner, 1, [4 * stride, 4 * axis * stride]);
  return along(4, inner, 2e-4 * axis, 64, [4, 4]);
};

/** Floating-point operations in a µs on one thread, about. */
const FLOP_RATE = 50_000;
/** Operations in a chunk of a product: at least 60 µs, at most 3 ms, in between an eighth of the product. */
const LEAST_FLOP = 3.2e6;
const MOST_FLOP = 1.6e8;
const SHARE = 8;
/** Chunks are whole register tiles: of 2, 4 or 6 rows, of 8 or 16 columns. */
const ROWS = 12;
const COLS = 16;

/** (c, ldc, a, lda, b, ldb, m, n, k, alpha, beta, bias, activation, scratch, mr) */
function product(transposeA: boolean, transposeB: boolean): Partition {
  return (args) => {
    const [, ldc = 0, , lda = 0, , ldb = 0, m = 0, n = 0, k = 0, , , bias = 0] = args;
    const flop = 2 * m * n * k;
    if (flop < LEAST_FLOP * 2) return undefined;
    const count = flop / Math.min(Math.max(flop / SHARE, LEAST_FLOP), MOST_FLOP);
    // Every chunk packs its part of A and of B: least when chunks are square.
    const down = Math.min(Math.max(1, Math.round(Math.sqrt((count * m) / n))), count);
    const rows = Math.ceil(m / Math.min(down, Math.ceil(m / ROWS)) / ROWS) * ROWS;
    const across = Math.max(1, Math.round(count / Math.ceil(m / rows)));
    const cols = Math.ceil(n / across / COLS) * COLS;
    return {
      scratch: 13,
      cost: flop / FLOP_RATE,
      cuts: [
        { count: 6, total: m, size: Math.min(rows, m), strides: [4 * ldc, 0, transposeA ? 4 : 4 * lda] },
        {
          count: 7,
          total: n,
          size: Math.min(cols, n),
          strides: [4, 0, 0, 0, transposeB ? 4 * ldb : 4, 0, 0, 0, 0, 0, 0, bias === 0 ? 0 : 4],
        },
      ],
    };
  };
}

/** Bytes of a matrix that one thread reads in a µs. */
const READ_RATE = 30_000;

/** gemv_n (y, a, lda, x, m, k, …), gemv_t (y, a, lda, x, k, n, …): bound by reading A. */
function vector(count: 4 | 5): Partition {
  return (args) => {
    const [, , lda = 0, , first = 0, second = 0, , , bias = 0] = args;
    const [total, length] = count === 4 ? [first, second] : [second, first];
    const cut = along(count, total, (length * 4) / READ_RATE, 16, [
      4,
      count === 4 ? 4 * lda : 4,
      0,
      0,
      0,
      0,
      0,
      0,
      bias === 0 ? 0 : 4,
    ]);
    return cut && { ...cut, scratch: 10 };
  };
}

const table: Partial<Record<Name, Partition>> = {
  relu_forward: elementwise(2, 2e-4),
  relu_backward: elementwise(3, 3e-4),
  sigmoid_forward: elementwise(2, 9e-4),
  sigmoid_backward: elementwise(3, 4e-4),
  tanh_forward: elementwise(2, 9e-4),
  exp_forward: elementwise(2, 8e-4),
  log_forward: elementwise(2, 1e-3),
  sqrt_forward: elementwise(2, 4e-4),
  neg_forward: elementwise(2, 2e-4),
  abs_forward: elementwise(2, 2e-4),
  sgd_update: elementwise(2, 3e-4),
  add_forward: broadcast,
  sub_forward: broadcast,
  mul_forward: broadcast,
  div_forward: broadcast,
  maximum_forward: broadcast,
  minimum_forward: broadcast,
  softmax_forward: rowwise(8e-4, (cols) => [4 * cols, 4 * cols]),
  log_softmax_forward: rowwise(8e-4, (cols) => [4 * cols, 4 * cols]),
  softmax_cross_entropy_forward: rowwise(9e-4, (cols) => [4 * cols, 8, 4 * cols, 4]),
  softmax_cross_entropy_forward_dense: rowwise(1e-3, (cols) => [4 * cols, 8, 4 * cols, 4 * cols]),
  softmax_cross_entropy_backward: rowwise(3e-4, (cols) => [4 * cols, 4 * cols, 4]),
  softmax_cross_entropy_backward_dense: rowwise(4e-4, (cols) => [4 * cols, 4 * cols, 4 * cols]),
  sum_reduce: reduction,
  max_reduce: reduction,
  min_reduce: reduction,
  argmax_reduce: reduction,
  gemm_nn: product(false, false),
  gemm_nt: product(false, true),
  gemm_tn: product(true, false),
  gemm_tt: product(true, true),
  gemv_n: vector(4),
  gemv_t: vector(5),
};

/** The kernels that jobs name by their index. */
export const kernelNames = Object.keys(table) as Name[];

/**
 * The same kernels, the larger calls of which run on all threads of the pool. Cut or not, and however many threads: the
 * bits are the same, because no kernel's result depends on where its range was cut.
 */
export function threaded(raw: Kernels, pool: Pool, failed: (error: unknown, where: Name) => never): Kernels {
  const kernels: Record<string, unknown> = { ...raw };
  for (const [kernel, name] of kernelNames.entries()) {
    const call = raw[name] as Call;
    const partition = table[name]!;
    kernels[name] = (...args: number[]): void => {
      const plan = partition(args);
      if (plan === undefined || !pool.helps(plan.cost)) {
        call(...args);
        return;
      }
      try {
        pool.run({ kernel, args, ...plan });
      } catch (error) {
        failed(error, name);
      }
    };
  }
  return kernels as unknown as Kernels;
}
