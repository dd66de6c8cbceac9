import { normal } from '../../test/support/seeds';
import { matmul, matmulNT, matmulSums, matmulTN } from '../plain/matmul';
import { checkProduct } from '../support/check';
import { bench, type Case, free } from '../support/contender';

export interface Product {
  m: number;
  k: number;
  n: number;
  form?: 'NN' | 'NT' | 'TN';
}

/** Products of up to so many multiplications are done {@link TIMES} times in a run. */
export const SHORT = 4096;
export const TIMES = 160;

const square = (n: number, form?: 'NT' | 'TN'): Product => ({ m: n, k: n, n, ...(form && { form }) });

/** C = op(A)·op(B): squares, all forms, and the products of the training steps (batch × in × out). */
export default bench(
  'gemm',
  [
    ...[64, 128, 256, 512].map((n) => square(n)),
    square(256, 'NT'),
    square(256, 'TN'),
    { m: 100, k: 784, n: 50 },
    { m: 784, k: 100, n: 50, form: 'TN' },
    { m: 128, k: 784, n: 512 },
    { m: 32, k: 4096, n: 1024 },
  ],
  product,
  [
    ...[2, 3, 4, 6, 8, 12, 16, 31, 32, 33, 97, 101, 499, 503, 1024].map((n) => square(n)),
    ...[64, 128, 512, 1024].flatMap((n) => [square(n, 'NT'), square(n, 'TN')]),
    ...[4, 6, 8].flatMap((n) => [square(n, 'NT'), square(n, 'TN')]),
    // Those of a step of 2-3-2 with a batch of 32.
    { m: 32, k: 2, n: 3 },
    { m: 3, k: 32, n: 2, form: 'TN' },
    { m: 32, k: 2, n: 3, form: 'NT' },
    ...[2, 4, 8, 16].map((m) => ({ m, k: 784, n: 512 })),
    ...[4, 8].map((m) => ({ m, k: 4096, n: 1024 })),
    { m: 4, k: 1024, n: 1024 },
    // Between the most rows without tiles for a small B and for a large one, and below both.
    ...[8, 16].map((m) => ({ m, k: 100, n: 100 })),
    // Points as columns, and other products of few terms.
    { m: 3, k: 3, n: 100_000 },
    { m: 12, k: 7, n: 1024 },
    ...[2, 4].map((m) => ({ m, k: 784, n: 512, form: 'NT' as const })),
    { m: 4, k: 2048, n: 2048, form: 'NT' },
    ...[8, 16, 64, 128].map((m) => ({ m, k: 1024, n: 1024, form: 'NT' as const })),
  ],
);

export function product({ m, k, n, form = 'NN' }: Product): Case & { arrays: { a: Float32Array; b: Float32Array } } {
  const a = normal(m * k, { seed: 1 });
  const b = normal(k * n, { seed: 2 });
  const transposeA = form === 'TN';
  const transposeB = form === 'NT';
  const short = m * k * n <= SHORT;
  const times = short ? TIMES : 1;
  return {
    shape: `${m}×${k}×${n}${form === 'NN' ? '' : ` ${form}`}`,
    ...(short ? { times } : { flop: 2 * m * k * n }),
    arrays: { a, b },
    check: (c) => checkProduct(c, { m, n, k, a, b, transposeA, transposeB }),
    simdgrad({ tensor, zeros, matmul }) {
      const A = tensor(a, transposeA ? [k, m] : [m, k]);
      const B = tensor(b, transposeB ? [n, k] : [k, n]);
      const out = zeros([m, n]);
      return {
        run() {
          for (let i = 0; i < times; i++) matmul(A, B, { transposeA, transposeB, out });
        },
        result: () => out.toTypedArray(),
        dispose: () => free(A, B, out),
      };
    },
    js() {
      const c = new Float32Array(m * n);
      const multiply = plainProduct({ m, k, n, form });
      return {
        run() {
          for (let i = 0; i < times; i++) multiply(c, a, b, m, n, k);
        },
        result: () => c,
      };
    },
    // Theirs run once, so short ones cannot be beside ours.
    ...(!short && { peers: (peer) => ({ '': () => peer.matmul?.({ m, n, k, a, b, transposeA, transposeB }) }) }),
  };
}

/** Plain JavaScript's loop, without checks: for NN the faster of two, chosen by the number of terms and columns. */
export function plainProduct({ m, k, n, form }: Product): typeof matmul {
  if (form === 'TN') return matmulTN;
  if (form === 'NT') return matmulNT;
  return m * k * n <= SHORT && (k < 4 ? k > 1 || n < 5 : n < 4) ? matmulSums : matmul;
}
