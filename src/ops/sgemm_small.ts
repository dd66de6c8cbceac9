/**
 * Whole products of so few multiplications run in JavaScript, where the arrays are: copying them costs more than
 * computing (measured: npm run bench -- sgemm).
 */
export const SMALL = 216;

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
  if (k <= 4) shortSums(m, n, k, a, b);
  else columnPairs(m, n, k, a, b);
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

/** Sums of one to four terms: a row of A stays in the registers, and no loop is left inside. */
function shortSums(m: number, n: number, k: number, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < m; i++) {
    const row = i * k;
    const a0 = a[row]!;
    const a1 = k > 1 ? a[row + 1]! : 0;
    const a2 = k > 2 ? a[row + 2]! : 0;
    const a3 = k > 3 ? a[row + 3]! : 0;
    for (let j = 0; j < n; j++) {
      let sum = 0 + a0 * b[j]!;
      if (k > 1) sum += a1 * b[n + j]!;
      if (k > 2) sum += a2 * b[2 * n + j]!;
      if (k > 3) sum += a3 * b[3 * n + j]!;
      waiting[i * n + j] = sum;
    }
  }
}

/** Two columns at a time share the loads of A and the loop. */
function columnPairs(m: number, n: number, k: number, a: Float32Array, b: Float32Array): void {
  const even = n & ~1;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < even; j += 2) {
      let left = 0;
      let right = 0;
      for (let p = 0; p < k; p++) {
        const x = a[i * k + p]!;
        left += x * b[p * n + j]!;
        right += x * b[p * n + j + 1]!;
      }
      waiting[i * n + j] = left;
      waiting[i * n + j + 1] = right;
    }
    if (even < n) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + even]!;
      waiting[i * n + even] = sum;
    }
  }
}
