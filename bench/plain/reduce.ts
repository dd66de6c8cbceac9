/** Four sums side by side: one alone waits for the addition before it. */
export function sum(x: Float32Array): number {
  const n4 = x.length & ~3;
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  for (let i = 0; i < n4; i += 4) {
    s0 += x[i]!;
    s1 += x[i + 1]!;
    s2 += x[i + 2]!;
    s3 += x[i + 3]!;
  }
  for (let i = n4; i < x.length; i++) s0 += x[i]!;
  return s0 + s1 + s2 + s3;
}

/** y [cols] = the sum over the rows of x. */
export function sumRows(y: Float32Array, x: Float32Array): void {
  const cols = y.length;
  y.fill(0);
  for (let at = 0; at < x.length; at += cols) {
    for (let j = 0; j < cols; j++) y[j]! += x[at + j]!;
  }
}

/** y [rows] = the sum of each row of x. */
export function sumCols(y: Float32Array, x: Float32Array): void {
  const cols = x.length / y.length;
  for (let i = 0, at = 0; i < y.length; i++) {
    let total = 0;
    for (const end = at + cols; at < end; at++) total += x[at]!;
    y[i] = total;
  }
}

/** y [rows] = the largest of each row of x. */
export function maxCols(y: Float32Array, x: Float32Array): void {
  const cols = x.length / y.length;
  for (let i = 0, at = 0; i < y.length; i++, at += cols) {
    let largest = x[at]!;
    for (let j = 1; j < cols; j++) if (x[at + j]! > largest) largest = x[at + j]!;
    y[i] = largest;
  }
}

/** y [cols] = the largest of each column of x. */
export function maxRows(y: Float32Array, x: Float32Array): void {
  const cols = y.length;
  y.set(x.subarray(0, cols));
  for (let at = cols; at < x.length; at += cols) {
    for (let j = 0; j < cols; j++) if (x[at + j]! > y[j]!) y[j] = x[at + j]!;
  }
}

/** y [rows] = where the largest of each row of x is. */
export function argmaxCols(y: Int32Array, x: Float32Array): void {
  const cols = x.length / y.length;
  for (let i = 0, at = 0; i < y.length; i++, at += cols) {
    let best = 0;
    for (let j = 1; j < cols; j++) if (x[at + j]! > x[at + best]!) best = j;
    y[i] = best;
  }
}
