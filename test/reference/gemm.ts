import type { ActivationName } from '../../src/wasm/contract';

/** A matrix inside a larger array: element (i, j) is data[i·ld + j]. */
export interface Matrix {
  data: ArrayLike<number>;
  ld: number;
}

export interface GemmArguments {
  m: number;
  n: number;
  k: number;
  /** [m, k], or [k, m] with transposeA. */
  a: Matrix;
  /** [k, n], or [n, k] with transposeB. */
  b: Matrix;
  /** [m, n]; not read when beta is 0. */
  c?: Matrix;
  transposeA?: boolean;
  transposeB?: boolean;
  alpha?: number;
  beta?: number;
  bias?: ArrayLike<number>;
  activation?: ActivationName;
}

/** The exact function after the sum; NaN stays NaN. */
const exactly: Record<ActivationName, (y: number) => number> = {
  none: (y) => y,
  relu: (y) => Math.max(y, 0),
  sigmoid: (y) => 1 / (1 + Math.exp(-y)),
};

function activate(y: number, activation: ActivationName = 'none'): number {
  return exactly[activation](y);
}

/**
 * act(alpha·op(A)·op(B) + beta·C + bias), [m, n] without gaps, and for each element the magnitude
 * |alpha|·Σ|a||b| + |beta·c| + |bias| that its error bound is a multiple of.
 */
export function gemm({
  m,
  n,
  k,
  a,
  b,
  c,
  transposeA,
  transposeB,
  alpha = 1,
  beta = 0,
  bias,
  activation,
}: GemmArguments): {
  y: Float64Array;
  magnitude: Float64Array;
} {
  const y = new Float64Array(m * n);
  const magnitude = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0;
      let absolute = 0;
      for (let p = 0; p < k; p++) {
        const product =
          a.data[transposeA ? p * a.ld + i : i * a.ld + p]! * b.data[transposeB ? j * b.ld + p : p * b.ld + j]!;
        sum += product;
        absolute += Math.abs(product);
      }
      const old = beta === 0 ? 0 : beta * c!.data[i * c!.ld + j]!;
      const added = bias ? bias[j]! : 0;
      y[i * n + j] = activate(alpha * sum + old + added, activation);
      magnitude[i * n + j] = Math.abs(alpha) * absolute + Math.abs(old) + Math.abs(added);
    }
  }
  return { y, magnitude };
}
