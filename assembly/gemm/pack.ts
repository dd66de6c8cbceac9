/**
 * Packing: both operands are brought into panels [k][width], so that a register tile reads each of them front to
 * back. A panel is `width` rows of op(A) or `width` columns of op(B); either may lie along k in memory or across it,
 * hence two functions, each for both operands.
 */

/**
 * dst[p][i] = src[i][p]: lines that run along k (A of NN, B of NT) become a panel.
 * dst: step bytes a row; src: f32[count, kc], stride bytes a line.
 */
export function pack_along(dst: usize, step: usize, src: usize, stride: usize, count: i32, kc: i32): void {
  for (; count >= 4; count -= 4, dst += 16, src += stride << 2) pack_along4(dst, step, src, stride, kc);
  for (; count > 0; --count, dst += 4, src += stride) {
    let q = dst;
    let p = src;
    for (const end = src + (<usize>kc << 2); p < end; p += 4, q += step) store<f32>(q, load<f32>(p));
  }
}

/** Four lines at once, 4×4 transposes in registers. */
function pack_along4(q: usize, step: usize, p0: usize, stride: usize, kc: i32): void {
  let p1 = p0 + stride;
  let p2 = p1 + stride;
  let p3 = p2 + stride;
  for (; kc >= 4; kc -= 4) {
    const r0 = v128.load(p0);
    const r1 = v128.load(p1);
    const r2 = v128.load(p2);
    const r3 = v128.load(p3);
    const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
    const t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
    const t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
    const t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
    v128.store(q, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
    q += step;
    v128.store(q, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7));
    q += step;
    v128.store(q, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5));
    q += step;
    v128.store(q, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7));
    q += step;
    p0 += 16;
    p1 += 16;
    p2 += 16;
    p3 += 16;
  }
  for (; kc > 0; --kc) {
    store<f32>(q, load<f32>(p0), 0);
    store<f32>(q, load<f32>(p1), 4);
    store<f32>(q, load<f32>(p2), 8);
    store<f32>(q, load<f32>(p3), 12);
    q += step;
    p0 += 4;
    p1 += 4;
    p2 += 4;
    p3 += 4;
  }
}

/**
 * dst[p][i] = src[p][i]: lines that run across k (A of TN, B of NN) become a panel.
 * dst: step bytes a row; src: f32[kc, count], stride bytes a line.
 */
export function pack_across(dst: usize, step: usize, src: usize, stride: usize, count: i32, kc: i32): void {
  for (; kc > 0; --kc, dst += step, src += stride) {
    let i: usize = 0;
    for (const end4 = <usize>(count & ~3) << 2; i < end4; i += 16) v128.store(dst + i, v128.load(src + i));
    for (const end = <usize>count << 2; i < end; i += 4) store<f32>(dst + i, load<f32>(src + i));
  }
}
