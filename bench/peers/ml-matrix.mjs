import { readFileSync } from 'node:fs';
import { Matrix } from 'ml-matrix';

const { version } = JSON.parse(readFileSync(new URL('node_modules/ml-matrix/package.json', import.meta.url), 'utf8'));

/** @returns {Promise<import('../support/peer').Peer>} */
export default async function mlMatrix() {
  const matrix = (data, rows, cols) => Matrix.from1DArray(rows, cols, Array.from(data));
  return {
    name: 'ml-matrix',
    version,
    evaluation: 'eager, in float64, plain JavaScript',
    matmul({ m, n, k, a, b, transposeA, transposeB }) {
      if (m * n * k > 300 ** 3) return undefined; // seconds
      const A = matrix(a, transposeA ? k : m, transposeA ? m : k);
      const B = matrix(b, transposeB ? n : k, transposeB ? k : n);
      let last;
      return {
        run() {
          last = (transposeA ? A.transpose() : A).mmul(transposeB ? B.transpose() : B);
        },
        result: () => Float32Array.from(last.to1DArray()),
      };
    },
  };
}
