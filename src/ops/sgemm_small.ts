/**
 * Whole products of so few multiplications run in JavaScript, where the arrays are: copying them costs more than
 * computing (npm run bench -- sgemm --shape 8x8x8 --sweep SMALL=0,600).
 */
export const SMALL = 100;

/** What C, which may be A or B, must not overwrite too soon waits here; to ask whether it is one of them takes longer. */
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
  if (m > 2 || n > 2 || k > 2) return larger(m, n, k, a, b, c);
  // All of it fits the registers, and is read before C is written.
  const a00 = a[0]!;
  const b00 = b[0]!;
  const a01 = k === 2 ? a[1]! : 0;
  const b01 = n === 2 ? b[1]! : 0;
  const a10 = m === 2 ? a[k]! : 0;
  const b10 = k === 2 ? b[n]! : 0;
  const a11 = m * k === 4 ? a[3]! : 0;
  const b11 = k * n === 4 ? b[3]! : 0;
  c[0] = 0 + a00 * b00 + a01 * b10;
  if (n === 2) c[1] = 0 + a00 * b01 + a01 * b11;
  if (m === 2) {
    c[n] = 0 + a10 * b00 + a11 * b10;
    if (n === 2) c[3] = 0 + a10 * b01 + a11 * b11;
  }
  return c;
}

/** Not a part of {@link sgemmSmall}, which V8 shall inline. */
function larger(m: number, n: number, k: number, a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  if (m * n === 1) return dot(k, a, b, c);
  if (k === 1) return outer(m, n, a, b, c);
  const waiting = buffer; // a bundler may have made a variable of it, which V8 would read anew in every turn
  for (let i = 0; i < m; i++) {
    // The first three terms without a loop: their part of the row of A stays in the registers.
    const row = i * k;
    const a0 = a[row]!;
    const a1 = a[row + 1]!;
    const a2 = k > 2 ? a[row + 2]! : 0;
    for (let j = 0; j < n; j++) {
      let sum = 0 + a0 * b[j]! + a1 * b[n + j]!;
      if (k > 2) sum += a2 * b[2 * n + j]!;
      for (let p = 3; p < k; p++) sum += a[row + p]! * b[p * n + j]!;
      waiting[i * n + j] = sum;
    }
  }
  for (let i = 0; i < m * n; i++) c[i] = waiting[i]!;
  return c;
}

/** From so many elements on it pays to ask whether they lie in C's buffer; V8 has to make one for shorter arrays. */
const LONG = 17;

/** A column times a row: two rows of C at a time, for which A and B wait, since they are less than C. */
function outer(m: number, n: number, a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  // Views of one shared memory may have buffers of their own.
  if (m === 1 && n >= LONG && c.buffer instanceof ArrayBuffer && b.buffer !== c.buffer) return scaled(n, a[0]!, b, c);
  const waiting = buffer;
  for (let j = 0; j < n; j++) waiting[j] = b[j]!;
  for (let i = 0; i < m; i++) waiting[n + i] = a[i]!;
  let at = 0;
  let i = 0;
  for (; i + 1 < m; i += 2, at += n) {
    const x0 = waiting[n + i]!;
    const x1 = waiting[n + i + 1]!;
    for (let j = 0; j < n; j++, at++) {
      const y = waiting[j]!;
      c[at] = 0 + x0 * y;
      c[at + n] = 0 + x1 * y;
    }
  }
  if (i < m) {
    const x = waiting[n + i]!;
    let j = n & 1;
    if (j === 1) c[at] = 0 + x * waiting[0]!;
    for (; j < n; j += 2) {
      c[at + j] = 0 + x * waiting[j]!;
      c[at + j + 1] = 0 + x * waiting[j + 1]!;
    }
  }
  return c;
}

function scaled(n: number, x: number, b: Float32Array, c: Float32Array): Float32Array {
  for (let j = 0; j < n; j++) c[j] = 0 + x * b[j]!;
  return c;
}

/** Two sums take turns: an addition waits for the one before it. */
function dot(k: number, a: Float32Array, b: Float32Array, c: Float32Array): Float32Array {
  let even = 0;
  let odd = 0;
  let p = 0;
  for (; p + 1 < k; p += 2) {
    even += a[p]! * b[p]!;
    odd += a[p + 1]! * b[p + 1]!;
  }
  if (p < k) even += a[p]! * b[p]!;
  c[0] = even + odd;
  return c;
}
