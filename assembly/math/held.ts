/**
 * Constants that stay in registers. V8's newer compiler (13 and later) rebuilds a v128.const wherever it is used,
 * three instructions each, inside loops too: a sigmoid of 17 instructions ran 2.6 times slower. So a kernel makes its
 * constants before its loop, by an `or` with a zero that is known only at run time and that no compiler sees through.
 */

/** The zero: the sign bit of a count, which is never negative. */
// @ts-ignore: decorator
@inline
export function hiddenZero(n: i32): v128 {
  return i32x4.splat(n >>> 31);
}

/** v in every lane; `zero` from {@link hiddenZero}. */
// @ts-ignore: decorator
@inline
export function held4(v: f32, zero: v128): v128 {
  return v128.or(f32x4.splat(v), zero);
}

/** v in both lanes. */
// @ts-ignore: decorator
@inline
export function held2(v: f64, zero: v128): v128 {
  return v128.or(f64x2.splat(v), zero);
}

/** The same bits in every lane. */
// @ts-ignore: decorator
@inline
export function heldBits4(bits: i32, zero: v128): v128 {
  return v128.or(i32x4.splat(bits), zero);
}
