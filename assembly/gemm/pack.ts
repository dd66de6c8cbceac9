/**
 * Packing. A register tile reads rows of op(A) along k and panels [k][width] of op(B) front to back. Either operand may
 * lie along k in memory or across it; A along k, and B in a cache or for few rows, are read where they lie.
 */

/**
 * dst[p][i] = src[i][p]: columns of op(B) that lie along k in memory (NT, TT) become a panel.
 * dst: step bytes a row; src: f32[count, kc], stride bytes a line.
 */
export function pack_along(dst: usize, step: usize, src: usize, stride: usize, count: i32, kc: i32): void {
  for (; count >= 4; count -= 4, dst += 16, src += stride << 2) transpose4(dst, step, src, stride, kc);
  for (; count > 0; --count, dst += 4, src += stride) {
    for (let p = src, q = dst, i = kc; i > 0; --i, p += 4, q += step) store<f32>(q, load<f32>(p));
  }
}

/** q[i][0 … 3] = p[0 … 3][i], i < n: four lines, `stride` bytes apart, become n rows, `step` apart; 4×4 in registers. */
function transpose4(q: usize, step: usize, p0: usize, stride: usize, n: i32): void {
  let p1 = p0 + stride;
  let p2 = p1 + stride;
  let p3 = p2 + stride;
  for (; n >= 4; n -= 4) {
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
  for (; n > 0; --n) {
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
 * dst[p][i] = src[p][i]: columns of op(B) that lie across k (NN, TN) become a panel.
 * dst: step bytes a row; src: f32[kc, count], stride bytes a line.
 */
export function pack_across(dst: usize, step: usize, src: usize, stride: usize, count: i32, kc: i32): void {
  for (; count >= 8; count -= 8, dst += 32, src += 32) pack_across8(dst, step, src, stride, kc);
  if (count & 4) {
    for (let p = src, q = dst, i = kc; i > 0; --i, p += stride, q += step) v128.store(q, v128.load(p));
    dst += 16;
    src += 16;
  }
  for (count &= 3; count > 0; --count, dst += 4, src += 4) {
    for (let p = src, q = dst, i = kc; i > 0; --i, p += stride, q += step) store<f32>(q, load<f32>(p));
  }
}

function pack_across8(q: usize, step: usize, p: usize, stride: usize, kc: i32): void {
  for (; kc > 1; kc -= 2) {
    const r0 = v128.load(p);
    const r1 = v128.load(p, 16);
    p += stride;
    const r2 = v128.load(p);
    const r3 = v128.load(p, 16);
    p += stride;
    v128.store(q, r0);
    v128.store(q, r1, 16);
    q += step;
    v128.store(q, r2);
    v128.store(q, r3, 16);
    q += step;
  }
  if (kc > 0) {
    v128.store(q, v128.load(p));
    v128.store(q, v128.load(p, 16), 16);
  }
}

/**
 * Packs panels of nr columns (8 or 16), `panel` bytes apart, four rows of all panels at a time: B is read along its rows, as
 * it lies in memory, not one panel after the other, whose cache lines, a row apart, may all fall into one set.
 * src: f32[kc, nr·panels], stride bytes a line.
 */
export function pack_panels(
  dst: usize, panel: usize, src: usize, stride: usize, panels: i32, kc: i32, nr: i32,
): void {
  const line = <usize>nr << 2;
  for (; kc >= 4; kc -= 4, src += stride << 2, dst += line << 2) {
    let p0 = src, p1 = p0 + stride, p2 = p1 + stride, p3 = p2 + stride, q = dst;
    for (let i = panels; i > 0; --i, q += panel) {
      copy_row(q, p0, nr);
      copy_row(q + line, p1, nr);
      copy_row(q + 2 * line, p2, nr);
      copy_row(q + 3 * line, p3, nr);
      p0 += line;
      p1 += line;
      p2 += line;
      p3 += line;
    }
  }
  for (; kc > 0; --kc, src += stride, dst += line) {
    let p = src, q = dst;
    for (let i = panels; i > 0; --i, q += panel, p += line) copy_row(q, p, nr);
  }
}

/**
 * dst[i][p] = src[p][i]: rows of op(A) that lie across k in memory (TN, TT) are laid along it, four terms of all rows
 * at a time, so that each cache line of src is read once.
 * dst: f32[count, kc], row bytes a row; src: f32[kc, count], stride bytes a line.
 */
export function pack_rows(dst: usize, row: usize, src: usize, stride: usize, count: i32, kc: i32): void {
  for (; kc >= 4; kc -= 4, src += stride << 2, dst += 16) transpose4(dst, row, src, stride, count);
  for (; kc > 0; --kc, src += stride, dst += 4) {
    let p = src, q = dst;
    for (let i = count; i > 0; --i, p += 4, q += row) store<f32>(q, load<f32>(p));
  }
}

/** One row of a panel of nr columns. */
// @ts-ignore: decorator
@inline
function copy_row(q: usize, p: usize, nr: i32): void {
  v128.store(q, v128.load(p));
  v128.store(q, v128.load(p, 16), 16);
  if (nr == 16) {
    v128.store(q, v128.load(p, 32), 32);
    v128.store(q, v128.load(p, 48), 48);
  }
}
