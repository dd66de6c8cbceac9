/**
 * Whole products of so few multiplications run in JavaScript, where the arrays are: copying them costs more than
 * computing (npm run bench -- sgemm --shape 8x8x8 --sweep SMALL=600, and --shape 4x4x4 with 0).
 */
export const SMALL = 100;

/** Holds values that writing C would overwrite too early if it were A or B; testing whether it is takes longer. */
const buffer = new Float32Array(SMALL + 1);

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
  if (m > 2 || n > 2 || k > 3) return larger(m, n, k, a, b, c);
  // All of it fits the registers, and is read before C is written.
  const a00 = a[0]!;
  const b00 = b[0]!;
  let a01 = 0;
  let b10 = 0;
  let a02 = 0;
  let b20 = 0;
  if (k > 1) {
    a01 = a[1]!;
    b10 = b[n]!;
    if (k === 3) {
      a02 = a[2]!;
      b20 = b[2 * n]!;
    }
  }
  const c00 = 0 + a00 * b00 + a01 * b10 + a02 * b20;
  if (m * n > 1) {
    const b01 = n === 2 ? b[1]! : 0;
    const b11 = n === 2 && k > 1 ? b[3]! : 0;
    const b21 = n === 2 && k === 3 ? b[5]! : 0;
    if (m === 2) {
      const a10 = a[k]!;
      const a11 = k > 1 ? a[k + 1]! : 0;
      const a12 = k === 3 ? a[5]! : 0;
      c[n] = 0 + a10 * b00 + a11 * b10 + a12 * b20;
      if (n === 2) c[3] = 0 + a10 * b01 + a11 * b11 + a12 * b21;
    }
    if (n === 2) c[1] = 0 + a00 * b01 + a01 * b11 + a02 * b21;
  }
  c[0] = c00;
  return c;
}

/**
 * A row times a column, sums of several terms, a column times a row. One function, which is too long for V8 to inline:
 * pieces of it may end in {@link sgemmSmall}, or not, and that is then too long itself (bench/NOTES.md).
 */
function larger(m: number, n: number, k: number, a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  const waiting = buffer; // a bundler may have made a variable of it, which V8 would read anew in every turn
  if (m * n === 1) {
    // Two sums take turns: an addition waits for the one before it. Of four terms or more, which need no loop.
    let even = 0 + a[0]! * b[0]! + a[2]! * b[2]!;
    let odd = a[1]! * b[1]! + a[3]! * b[3]!;
    let p = 4;
    for (; p + 1 < k; p += 2) {
      even += a[p]! * b[p]!;
      odd += a[p + 1]! * b[p + 1]!;
    }
    if (k & 1) even += a[p]! * b[p]!;
    c[0] = even + odd;
  } else if (k > 1) {
    // Two rows of C at a time, else two columns; the first two terms need no loop.
    let i = 0;
    for (; i + 1 < m; i += 2) {
      const row = i * k;
      const a00 = a[row]!;
      const a01 = a[row + 1]!;
      const a10 = a[row + k]!;
      const a11 = a[row + k + 1]!;
      for (let j = 0; j < n; j++) {
        const b0 = b[j]!;
        const b1 = b[n + j]!;
        let s0 = 0 + a00 * b0 + a01 * b1;
        let s1 = 0 + a10 * b0 + a11 * b1;
        for (let p = 2; p < k; p++) {
          const y = b[p * n + j]!;
          s0 += a[row + p]! * y;
          s1 += a[row + k + p]! * y;
        }
        waiting[i * n + j] = s0;
        waiting[i * n + n + j] = s1;
      }
    }
    if (i < m) {
      const row = i * k;
      const a0 = a[row]!;
      const a1 = a[row + 1]!;
      let j = 0;
      if (n & 1) {
        let sum = 0 + a0 * b[0]! + a1 * b[n]!;
        for (let p = 2; p < k; p++) sum += a[row + p]! * b[p * n]!;
        waiting[i * n] = sum;
        j = 1;
      }
      for (; j < n; j += 2) {
        let s0 = 0 + a0 * b[j]! + a1 * b[n + j]!;
        let s1 = 0 + a0 * b[j + 1]! + a1 * b[n + j + 1]!;
        for (let p = 2; p < k; p++) {
          const x = a[row + p]!;
          s0 += x * b[p * n + j]!;
          s1 += x * b[p * n + j + 1]!;
        }
        waiting[i * n + j] = s0;
        waiting[i * n + j + 1] = s1;
      }
    }
    for (let i = 0; i < m * n; i++) c[i] = waiting[i]!;
  } else {
    // Two rows of C at a time, for which A and B wait, since they are less than C.
    const pairs = m & ~1;
    const last = a[m - 1]!; // that of a last row without a partner
    for (let j = 0; j < n; j++) waiting[j] = b[j]!;
    for (let i = 0; i < pairs; i++) waiting[n + i] = a[i]!;
    let at = 0;
    for (let i = 0; i < pairs; i += 2, at += n) {
      const x0 = waiting[n + i]!;
      const x1 = waiting[n + i + 1]!;
      for (let j = 0; j < n; j++, at++) {
        const y = waiting[j]!;
        c[at] = 0 + x0 * y;
        c[at + n] = 0 + x1 * y;
      }
    }
    if (pairs < m) {
      let j = n & 1;
      if (j === 1) c[at] = 0 + last * waiting[0]!;
      for (; j < n; j += 2) {
        c[at + j] = 0 + last * waiting[j]!;
        c[at + j + 1] = 0 + last * waiting[j + 1]!;
      }
    }
  }
  return c;
}
