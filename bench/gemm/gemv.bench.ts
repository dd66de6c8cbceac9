import { bench } from '../support/contender';
import { type Product, product } from './gemm.bench';

const layers = [
  { k: 784, n: 512 },
  { k: 4096, n: 1024 },
];

/** The product of one row: every element of the matrix is read once, so memory decides. */
export default bench<Product>(
  'gemv',
  layers.flatMap(({ k, n }) => [
    { m: 1, k, n },
    { m: 1, k, n, form: 'NT' },
  ]),
  (size) => {
    const { flop: _, ...work } = product(size);
    return { ...work, bytes: 4 * size.k * size.n };
  },
  [{ m: 1, k: 512, n: 4096 }],
);
