import { madd4 } from './madd';

/**
 * ln x per lane over all of float32: 0 → -Inf, x < 0 → NaN, NaN → NaN, +Inf → Inf, denormals as exact as the rest.
 *
 * The method and coefficients of FreeBSD's e_logf.c: x = 2^k·(1 + f) with 1 + f in [√½, √2), s = f / (2 + f),
 *   ln x = k·ln 2 + f − f²/2 + s·(f²/2 + R(s²)).
 */
// @ts-ignore: decorator
@inline
export function log4(x: v128, zero: v128 = i32x4.splat(0)): v128 {
  const tiny = f32x4.lt(x, f32x4.splat(1.17549435e-38));
  const normal = v128.bitselect(f32x4.mul(x, f32x4.splat(8388608)), x, tiny); // · 2^23
  const offset = i32x4.splat(0x3f3504f3); // √½
  const bits = i32x4.sub(normal, offset);
  const k = f32x4.sub(f32x4.convert_i32x4_s(i32x4.shr_s(bits, 23)), v128.and(f32x4.splat(23), tiny));
  const one = f32x4.splat(1);
  const f = f32x4.sub(i32x4.add(v128.and(bits, i32x4.splat(0x7fffff)), offset), one);

  const s = f32x4.div(f, f32x4.add(f, f32x4.splat(2)));
  const u = f32x4.mul(s, s);
  let r = madd4(u, f32x4.splat(0.24279078841), f32x4.splat(0.28498786688));
  r = madd4(r, u, f32x4.splat(0.40000972152));
  r = madd4(r, u, f32x4.splat(0.66666662693));
  const halfSquare = f32x4.mul(f32x4.mul(f, f), f32x4.splat(0.5));
  const low = madd4(k, f32x4.splat(9.0580006145e-6), f32x4.mul(s, madd4(r, u, halfSquare)));
  const y = madd4(k, f32x4.splat(0.69313812256), f32x4.add(f, f32x4.sub(low, halfSquare)));

  // Adding +Inf, NaN or -Inf makes the results of those arguments and of 0; other lanes add a zero.
  const special = v128.andnot(x, f32x4.lt(x, f32x4.splat(Infinity)));
  const pole = v128.and(f32x4.eq(x, f32x4.splat(0)), f32x4.splat(-Infinity));
  // An all-ones lane is a NaN.
  return v128.or(f32x4.add(f32x4.add(y, special), pole), f32x4.lt(x, f32x4.splat(0)));
}
