import { bench, free, type Library } from '../support/contender';
import { type Product, product } from './gemm.bench';

export const FORMS: Product[] = [
  ...[64, 128, 256, 512].map((n) => ({ m: n, k: n, n })),
  // Forward and dW of a layer of 784 and 50, with a batch of 100.
  { m: 100, k: 784, n: 50 },
  { m: 784, k: 100, n: 50 },
];

/** One product in the three ways in which its operands can lie in memory: NN, and the same with bᵀ or aᵀ. Longer than `SHORT`. */
export default bench<Product>(
  'forms',
  [],
  (size) => {
    const { peers: _, js: __, ...work } = product(size);
    return {
      ...work,
      others: (library) => ({
        NT: transposed(library, work.arrays, size, 'b'),
        TN: transposed(library, work.arrays, size, 'a'),
      }),
    };
  },
  FORMS,
);

function transposed(
  { tensor, transpose, zeros, matmul }: Library,
  arrays: { a: Float32Array; b: Float32Array },
  { m, k, n }: Product,
  which: 'a' | 'b',
) {
  const [transposeA, transposeB] = [which === 'a', which === 'b'];
  const a = tensor(arrays.a, [m, k]);
  const b = tensor(arrays.b, [k, n]);
  const [A, B] = [transposeA ? transpose(a) : a, transposeB ? transpose(b) : b];
  const out = zeros([m, n]);
  return {
    run: () => matmul(A, B, { transposeA, transposeB, out }),
    result: () => out.toTypedArray(),
    dispose: () => free(a, b, A, B, out),
  };
}
