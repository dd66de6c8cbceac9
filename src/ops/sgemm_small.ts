/**
 * Whole products of so few multiplications run in JavaScript, where the arrays are: copying them costs more than
 * computing (measured: npm run bench -- sgemm).
 */
export const SMALL = 100;

/** Where a small product waits until it is complete: C may be A or B, and to ask whether it is takes longer. */
const waiting = new Float32Array(SMALL);

/**
 * C = A·B of whole matrices with at most {@link SMALL} multiplications; C may overlap A and B. Sums are float64, which
 * costs JavaScript less than rounding each term does, and begin at 0, so that none is -0.
 */
export function sgemmSmall(
  m: number,
  n: number,
  k: number,
  a: Float32Array,
  b: Float32Array,
  c: Float32Array,
): Float32Array {
  if (m === 2 && n === 2 && k === 2) return two(a, b, c);
  sums(m, n, k, a, b);
  for (let i = 0; i < m * n; i++) c[i] = waiting[i]!;
  return c;
}

/** 2 × 2: all of it fits the registers. */
function two(a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  const a0 = a[0]!;
  const a1 = a[1]!;
  const a2 = a[2]!;
  const a3 = a[3]!;
  const b0 = b[0]!;
  const b1 = b[1]!;
  const b2 = b[2]!;
  const b3 = b[3]!;
  c[0] = 0 + a0 * b0 + a1 * b2;
  c[1] = 0 + a0 * b1 + a1 * b3;
  c[2] = 0 + a2 * b0 + a3 * b2;
  c[3] = 0 + a2 * b1 + a3 * b3;
  return c;
}

function sums(m: number, n: number, k: number, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      waiting[i * n + j] = sum;
    }
  }
}
