import { bench } from '../support/contender';
import { type Product, plainProduct, product, SHORT, TIMES } from './gemm.bench';

const square = (n: number): Product => ({ m: n, k: n, n });

/**
 * Short products take turns between so many sets of arrays: V8 puts the address of an array that never changes, and a size,
 * into the code of a loop, which no caller's loop would have.
 */
const SETS = 16;

/**
 * The product of plain Float32Arrays, from sizes at which JavaScript is as good to those where a copy costs nothing. Plain
 * JavaScript is the faster of two loops, which check nothing.
 */
export default bench(
  'sgemm',
  [4, 16, 64, 256].map(square),
  (size) => {
    const { m, k, n, form } = size;
    const { flop, peers: _, ...work } = product(size);
    const short = m * k * n <= SHORT;
    // No object spread, which in V8 11 gives the first copies six hidden classes: the contender that got these would lose
    // 15 ns a call to reading their properties.
    const sets = Array.from({ length: short ? SETS : 1 }, () => ({
      a: work.arrays.a.slice(),
      b: work.arrays.b.slice(),
    }));
    // Of each contender its own, or the second would be right without writing anything.
    const withResults = () => sets.map(({ a, b }) => ({ m, k, n, a, b, c: new Float32Array(m * n).fill(Number.NaN) }));
    const times = short ? TIMES : 1;
    const plain = plainProduct(size);
    const options = form && { transposeA: form === 'TN', transposeB: form === 'NT' };
    return {
      ...work,
      ...(short ? { times } : { flop: flop! }),
      simdgrad({ sgemm }) {
        const mine = withResults();
        return {
          run() {
            for (let i = 0; i < times; i++) {
              const { m, k, n, a, b, c } = mine[i % mine.length]!;
              sgemm(m, n, k, a, b, c, options);
            }
          },
          result: () => mine[0]!.c,
        };
      },
      js() {
        const mine = withResults();
        return {
          run() {
            for (let i = 0; i < times; i++) {
              const { m, k, n, a, b, c } = mine[i % mine.length]!;
              plain(c, a, b, m, n, k);
            }
          },
          result: () => mine[0]!.c,
        };
      },
      // The same product of tensors, which lie in the memory of the kernels.
      ...(!short && { others: (library) => ({ 'of tensors': work.simdgrad(library) }) }),
    };
  },
  [
    ...[2, 3, 5, 8, 12, 24, 32, 48, 96, 128, 512, 1024].map(square),
    // Inner and outer products.
    { m: 1, k: 50, n: 1 },
    { m: 1, k: 400, n: 1 },
    { m: 1, k: 1, n: 64 },
    { m: 8, k: 1, n: 8 },
    { m: 64, k: 1, n: 1 },
    { m: 1, k: 1, n: 1 },
    // With options, the arrays are copied at any size.
    ...[1, 2, 3, 4, 5, 6, 8, 16].map((n): Product => ({ m: n, k: n, n, form: 'NT' })),
  ],
);
