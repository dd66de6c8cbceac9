/**
 * ln x in float64, within 1 ULP over all of float64: 0 → -Inf, x < 0 → NaN, NaN → NaN, +Inf → Inf.
 *
 * The method and coefficients of FreeBSD's e_log.c: x = 2^k·(1 + f) with 1 + f in [√½, √2), s = f / (2 + f),
 *   ln x = k·ln 2 + f − f²/2 + s·(f²/2 + R(s²)).
 */
export function log64(x: f64): f64 {
  if (!(x > 0)) return x == 0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let k = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984; // 2^54
    k = -54;
  }
  const offset: i64 = 0x3fe6a09e667f3bcd; // √½
  const bits = reinterpret<i64>(x) - offset;
  k += <i32>(bits >> 52);
  const f = reinterpret<f64>((bits & 0xfffffffffffff) + offset) - 1;

  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const halfSquare = 0.5 * f * f;
  const dk = <f64>k;
  return (
    dk * 6.93147180369123816490e-1 -
    (halfSquare - (s * (halfSquare + (even + odd)) + dk * 1.90821492927058770002e-10) - f)
  );
}
