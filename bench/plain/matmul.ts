/** C = A·B in the order i, p, j: all three arrays are read along their rows, four of B at a time, so that C is read less often. */
export function matmul(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  c.fill(0);
  for (let i = 0; i < m; i++) {
    const ci = i * n;
    const k4 = k & ~3;
    for (let p = 0; p < k4; p += 4) {
      const x0 = a[i * k + p]!;
      const x1 = a[i * k + p + 1]!;
      const x2 = a[i * k + p + 2]!;
      const x3 = a[i * k + p + 3]!;
      const b0 = p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) c[ci + j]! += x0 * b[b0 + j]! + x1 * b[b1 + j]! + x2 * b[b2 + j]! + x3 * b[b3 + j]!;
    }
    for (let p = k4; p < k; p++) {
      const x = a[i * k + p]!;
      const bp = p * n;
      for (let j = 0; j < n; j++) c[ci + j]! += x * b[bp + j]!;
    }
  }
}

/** C = A·B in the order i, j, p: a sum at a time, which is faster for small products, but for wide ones of one term. */
export function matmulSums(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[i * k + p]! * b[p * n + j]!;
      c[i * n + j] = sum;
    }
  }
}

/** C = A·Bᵀ, B [n, k]: four dot products at a time, so that an element of A is read once for them. */
export function matmulNT(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  const n4 = n & ~3;
  for (let i = 0; i < m; i++) {
    const ai = i * k;
    for (let j = 0; j < n4; j += 4) {
      const b0 = j * k;
      const b1 = b0 + k;
      const b2 = b1 + k;
      const b3 = b2 + k;
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (let p = 0; p < k; p++) {
        const x = a[ai + p]!;
        s0 += x * b[b0 + p]!;
        s1 += x * b[b1 + p]!;
        s2 += x * b[b2 + p]!;
        s3 += x * b[b3 + p]!;
      }
      c[i * n + j] = s0;
      c[i * n + j + 1] = s1;
      c[i * n + j + 2] = s2;
      c[i * n + j + 3] = s3;
    }
    for (let j = n4; j < n; j++) {
      let sum = 0;
      for (let p = 0; p < k; p++) sum += a[ai + p]! * b[j * k + p]!;
      c[i * n + j] = sum;
    }
  }
}

/** C = Aᵀ·B, A [k, m], in the order p, i, j, four p at a time. */
export function matmulTN(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  c.fill(0);
  const k4 = k & ~3;
  for (let p = 0; p < k4; p += 4) {
    const b0 = p * n;
    const b1 = b0 + n;
    const b2 = b1 + n;
    const b3 = b2 + n;
    for (let i = 0; i < m; i++) {
      const x0 = a[p * m + i]!;
      const x1 = a[p * m + m + i]!;
      const x2 = a[p * m + 2 * m + i]!;
      const x3 = a[p * m + 3 * m + i]!;
      const ci = i * n;
      for (let j = 0; j < n; j++) c[ci + j]! += x0 * b[b0 + j]! + x1 * b[b1 + j]! + x2 * b[b2 + j]! + x3 * b[b3 + j]!;
    }
  }
  for (let p = k4; p < k; p++) {
    const bp = p * n;
    for (let i = 0; i < m; i++) {
      const x = a[p * m + i]!;
      const ci = i * n;
      for (let j = 0; j < n; j++) c[ci + j]! += x * b[bp + j]!;
    }
  }
}
