import { normal } from '../../test/support/seeds';
import { matmul, matmulNT, matmulTN } from '../plain/matmul';
import { checkProduct } from '../support/check';
import { bench, type Case, free } from '../support/contender';

export interface Product {
  m: number;
  k: number;
  n: number;
  form?: 'NN' | 'NT' | 'TN';
}

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
    ...[2, 3, 4, 8, 16, 31, 32, 33, 97, 101, 499, 503, 1024].map((n) => square(n)),
    ...[64, 128, 512, 1024].flatMap((n) => [square(n, 'NT'), square(n, 'TN')]),
    ...[2, 4, 8, 16].map((m) => ({ m, k: 784, n: 512 })),
    { m: 8, k: 4096, n: 1024 },
    { m: 4, k: 1024, n: 1024 },
    ...[2, 4].map((m) => ({ m, k: 784, n: 512, form: 'NT' as const })),
    { m: 4, k: 2048, n: 2048, form: 'NT' },
  ],
);

export function product({ m, k, n, form = 'NN' }: Product): Case & { arrays: { a: Float32Array; b: Float32Array } } {
  const a = normal(m * k, { seed: 1 });
  const b = normal(k * n, { seed: 2 });
  const transposeA = form === 'TN';
  const transposeB = form === 'NT';
  return {
    shape: `${m}×${k}×${n}${form === 'NN' ? '' : ` ${form}`}`,
    flop: 2 * m * k * n,
    arrays: { a, b },
    check: (c) => checkProduct(c, { m, n, k, a, b, transposeA, transposeB }),
    simdgrad({ tensor, zeros, matmul }) {
      const A = tensor(a, transposeA ? [k, m] : [m, k]);
      const B = tensor(b, transposeB ? [n, k] : [k, n]);
      const out = zeros([m, n]);
      return {
        run: () => matmul(A, B, { transposeA, transposeB, out }),
        result: () => out.toTypedArray(),
        dispose: () => free(A, B, out),
      };
    },
    js() {
      const c = new Float32Array(m * n);
      const multiply = transposeA ? matmulTN : transposeB ? matmulNT : matmul;
      return { run: () => multiply(c, a, b, m, n, k), result: () => c };
    },
    peers: (peer) => ({ '': () => peer.matmul?.({ m, n, k, a, b, transposeA, transposeB }) }),
  };
}
