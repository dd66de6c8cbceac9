import { bench } from '../support/contender';
import { type Product, product } from './gemm.bench';

const square = (n: number): Product => ({ m: n, k: n, n });

/** The product of plain Float32Arrays, from sizes at which JavaScript is as good to those where a copy costs nothing. */
export default bench(
  'sgemm',
  [4, 16, 64, 256].map(square),
  (size) => {
    const { m, k, n } = size;
    const work = product(size);
    return {
      ...work,
      simdgrad({ sgemm }) {
        const { a, b } = work.arrays;
        const c = new Float32Array(m * n);
        return { run: () => sgemm(m, n, k, a, b, c), result: () => c };
      },
      // The same product of tensors, which lie in the memory of the kernels.
      others: (library) => ({ 'of tensors': work.simdgrad(library) }),
    };
  },
  [2, 3, 8, 12, 24, 32, 48, 96, 128, 512, 1024].map(square),
);
