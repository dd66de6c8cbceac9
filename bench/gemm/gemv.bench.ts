import { normal } from '../../test/support/seeds';
import { checkProduct } from '../support/check';
import { bench, type Case, free } from '../support/contender';
import { product } from './gemm.bench';

export interface RowTimesMatrix {
  k: number;
  n: number;
  form?: 'NN' | 'NT';
  /** Takes turns with as many matrices as no cache holds. */
  fromMemory?: boolean;
}

/** Bytes of all matrices together that come from memory. */
const NO_CACHE = 2 ** 28;

const layers = [
  { k: 784, n: 512 },
  { k: 4096, n: 1024 },
];

/** The product of one row: every element of the matrix is read once, so the caches or the memory decide. */
export default bench<RowTimesMatrix>(
  'gemv',
  [
    ...layers.flatMap((layer) => [layer, { ...layer, form: 'NT' as const }]),
    { k: 784, n: 512, fromMemory: true },
    { k: 784, n: 512, form: 'NT', fromMemory: true },
  ],
  oneRow,
  [{ k: 512, n: 4096 }, { k: 784, n: 50 }, ...[50, 128, 1024].map((n) => ({ k: 784, n, fromMemory: true }))],
);

function oneRow({ k, n, form = 'NN', fromMemory = false }: RowTimesMatrix): Case {
  const bytes = 4 * k * n;
  if (!fromMemory) {
    const { flop: _, ...work } = product({ m: 1, k, n, form });
    return { ...work, reads: { bytes, of: bytes } };
  }
  const count = Math.ceil(NO_CACHE / bytes);
  const [a, b] = [normal(k, { seed: 1 }), normal(k * n, { seed: 2 })];
  const transposeB = form === 'NT';
  return {
    shape: `1×${k}×${n}${transposeB ? ' NT' : ''}, from memory`,
    reads: { bytes, of: count * bytes },
    check: (c) => checkProduct(c, { m: 1, n, k, a, b, transposeB }),
    simdgrad({ tensor, zeros, matmul }) {
      const A = tensor(a, [1, k]);
      const matrices = Array.from({ length: count }, () => tensor(b, transposeB ? [n, k] : [k, n]));
      const out = zeros([1, n]);
      let next = 0;
      return {
        run: () => matmul(A, matrices[next++ % count]!, { transposeB, out }),
        result: () => out.toTypedArray(),
        dispose: () => free(A, out, ...matrices),
      };
    },
  };
}
