const BITS = 160n;

/** A positive float64 as mantissa · 2^exponent, both integers, 2^52 ≤ mantissa < 2^53. */
function split(x: number): [mantissa: bigint, exponent: bigint] {
  if (x < 2 ** -1022) {
    const [mantissa, exponent] = split(x * 2 ** 54);
    return [mantissa, exponent - 54n];
  }
  const bits = new BigUint64Array(Float64Array.of(x).buffer)[0]!;
  return [(bits & (2n ** 52n - 1n)) | (2n ** 52n), (bits >> 52n) - 1075n];
}

/** 2·artanh(p / q) in units of 2^-160, by its series, for -1/3 ≤ p / q ≤ 1/3. */
function twoArtanh(p: bigint, q: bigint): bigint {
  const s = (p << BITS) / q;
  let sum = 0n;
  for (let power = s, n = 1n; power !== 0n; power = (power * s * s) / 2n ** (2n * BITS), n += 2n) sum += power / n;
  return 2n * sum;
}

const LN2 = twoArtanh(1n, 3n);

/**
 * |y − ln x| in units in the last place of y, for a positive finite x ≠ 1. Float64 cannot judge a float64 logarithm,
 * so this is fixed-point arithmetic of 160 bits: x = m·2^k, 1/2 ≤ m < 1, and ln m = 2·artanh((m − 1) / (m + 1)).
 */
export function log64Error(y: number, x: number): number {
  const [m, k] = split(x);
  const one = 2n ** 53n;
  const exact = (k + 53n) * LN2 + twoArtanh(m - one, m + one);
  const [magnitude, exponent] = split(Math.abs(y));
  const ulp = 1n << (BITS + exponent);
  return Math.abs(Number(BigInt(Math.sign(y)) * magnitude * ulp - exact) / Number(ulp));
}
