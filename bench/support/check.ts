import { ordered } from '../../test/support/ordered';
import { generator } from '../../test/support/seeds';

/** What is wrong unless every element is within `max` ULP of `exact`. */
export function withinUlp(y: ArrayLike<number>, exact: ArrayLike<number>, max: number): string | undefined {
  if (y.length !== exact.length) return `${y.length} elements instead of ${exact.length}`;
  for (let i = 0; i < exact.length; i++) {
    const distance = Math.abs(ordered(y[i]!) - ordered(exact[i]!));
    if (!(distance <= max)) return `element ${i} is ${y[i]} instead of ${exact[i]}`;
  }
  return undefined;
}

/** What is wrong unless every element is within `max` times the largest element of `exact`. */
export function within(y: ArrayLike<number>, exact: ArrayLike<number>, max: number): string | undefined {
  if (y.length !== exact.length) return `${y.length} elements instead of ${exact.length}`;
  let largest = 0;
  for (let i = 0; i < exact.length; i++) largest = Math.max(largest, Math.abs(exact[i]!));
  for (let i = 0; i < exact.length; i++) {
    if (!(Math.abs(y[i]! - exact[i]!) <= max * largest)) return `element ${i} is ${y[i]} instead of ${exact[i]}`;
  }
  return undefined;
}

export interface Product {
  m: number;
  n: number;
  k: number;
  /** As stored: [m, k], or [k, m] with transposeA. */
  a: Float32Array;
  /** As stored: [k, n], or [n, k] with transposeB. */
  b: Float32Array;
  transposeA?: boolean;
  transposeB?: boolean;
}

/**
 * What is wrong with C = op(A)·op(B), to the bound of netlib's tester: all of it through C·v = A·(B·v) for a random v
 * (Freivalds), which sees any element that is wrong as a whole, and a few hundred elements on their own.
 */
export function checkProduct(
  c: ArrayLike<number>,
  { m, n, k, a, b, transposeA = false, transposeB = false }: Product,
): string | undefined {
  if (c.length !== m * n) return `${c.length} elements instead of ${m * n}`;
  const [ai, ap] = transposeA ? [1, m] : [k, 1];
  const [bp, bj] = transposeB ? [1, k] : [n, 1];
  const bound = 16 * 2 ** -23;
  const next = generator(7);
  const v = Float64Array.from({ length: n }, () => (next() < 0.5 ? -1 : 1));
  const bv = new Float64Array(k);
  const absolute = new Float64Array(k);
  for (let p = 0; p < k; p++) {
    for (let j = 0; j < n; j++) {
      const x = b[p * bp + j * bj]!;
      bv[p]! += x * v[j]!;
      absolute[p]! += Math.abs(x);
    }
  }
  for (let i = 0; i < m; i++) {
    let exact = 0;
    let magnitude = 0;
    let got = 0;
    for (let p = 0; p < k; p++) {
      const x = a[i * ai + p * ap]!;
      exact += x * bv[p]!;
      magnitude += Math.abs(x) * absolute[p]!;
    }
    for (let j = 0; j < n; j++) got += c[i * n + j]! * v[j]!;
    if (!(Math.abs(got - exact) <= bound * magnitude)) return `row ${i} is wrong`;
  }
  for (let sample = 0; sample < 300; sample++) {
    const i = Math.floor(next() * m);
    const j = Math.floor(next() * n);
    let exact = 0;
    let magnitude = 0;
    for (let p = 0; p < k; p++) {
      const product = a[i * ai + p * ap]! * b[p * bp + j * bj]!;
      exact += product;
      magnitude += Math.abs(product);
    }
    const got = c[i * n + j]!;
    if (!(Math.abs(got - exact) <= bound * magnitude)) return `element (${i}, ${j}) is ${got} instead of ${exact}`;
  }
  return undefined;
}

/** Computes at the first call, which the checks of all contenders of a case share. */
export function once<T>(compute: () => T): () => T {
  let value: { result: T } | undefined;
  return () => {
    value ??= { result: compute() };
    return value.result;
  };
}
