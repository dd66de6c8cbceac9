import {
  COTH64_0,
  COTH64_1,
  COTH64_2,
  COTH64_3,
  LOG2E_64,
  ROUND_SCALED_64,
  SCALED_LOWER_64,
  TWO_MINUS_64,
  expScaled2,
} from '../math/exp64';
import { held2, hiddenZero } from '../math/held';
import { high2, low2, sumLanes2, widen2 } from '../math/lanes';
import { log64 } from '../math/log64';
import {
  frontBytes,
  loadLast4,
  newLanes,
  rowMaxNumber,
  scaleFront4,
  storeLast4,
} from '../softmax/row';
import { exponentials2, narrow4 } from '../softmax/exponentials';

/**
 * Rows whose losses are added: they share one logarithm, Σ ln s = ln Π s, since one for each would take a third of the time
 * of a row of 10. A sum of exponentials is between 1 and cols, so the product stays far below the largest float64.
 * Callers count on it, too: LOSS_ROWS of src/wasm/contract.ts.
 */
const GROUP: i32 = 8;

/**
 * y = softmax(x) over each row, losses = Σ (ln Σ e^x − x[label]) = −Σ ln y[label] over each 8 rows (the last
 * group may be smaller). y, x: f32[rows, cols], rows and cols ≥ 1; losses: f64[⌈rows / 8⌉]; labels: i32[rows], each in
 * 0 … cols − 1; y may be x. With cols < 4, up to 12 bytes before x are read.
 *
 * Exponentials, sum and logarithm are float64 (relative error of the sum 4e-13): a loss is often differenced, as in a
 * numerical gradient, and must then be smooth far below the last bit of a float32. It is never negative, and exact
 * where y[label] = 0 (logits [1000, 0], label 1: 1000). A NaN or +Inf in a row, or nothing but -Inf, makes that
 * row of y and its loss NaN.
 */
export function softmax_cross_entropy_forward(
  y: usize,
  losses: usize,
  x: usize,
  labels: usize,
  rows: i32,
  cols: i32,
): void {
  forward(false, y, losses, x, labels, rows, cols);
}

/**
 * y = softmax(x) over each row, losses = −Σ t · ln y = Σ t · (ln Σ e^x − x) over each 8 rows, where terms with t = 0 count 0.
 * y, x, t: f32[rows, cols], rows and cols ≥ 1; losses: f64[⌈rows / 8⌉]; y may be x. A row of t need not sum to 1. With
 * cols < 4, up to 12 bytes before x and t are read.
 * Precision and special values as {@link softmax_cross_entropy_forward}, but a row of t that is all zeros has the loss 0.
 */
export function softmax_cross_entropy_forward_dense(
  y: usize,
  losses: usize,
  x: usize,
  t: usize,
  rows: i32,
  cols: i32,
): void {
  forward(true, y, losses, x, t, rows, cols);
}

function forward(dense: bool, y: usize, losses: usize, x: usize, t: usize, rows: i32, cols: i32): void {
  const zero = hiddenZero(rows);
  const lower = held2(SCALED_LOWER_64, zero);
  const log2e = held2(LOG2E_64, zero);
  const round = held2(ROUND_SCALED_64, zero);
  const c3 = held2(COTH64_3, zero);
  const c2 = held2(COTH64_2, zero);
  const c1 = held2(COTH64_1, zero);
  const c0 = held2(COTH64_0, zero);

  const front = frontBytes(cols);
  const rowBytes = <usize>cols << 2;
  const mask = newLanes(cols);
  let lastX = loadLast4(x + rowBytes, cols, mask);
  let m = f32x4.splat(rowMaxNumber(x, cols));
  // Of the group so far: the losses without their logarithms, and the product of the sums whose logarithms are to come.
  let loss: f64 = 0;
  let product: f64 = 1;
  let done = 0;
  for (; rows > 0; rows--, x += rowBytes, y += rowBytes) {
    const ahead = rows > 1 ? rowBytes : 0;
    const m2 = low2(m);
    const dLow = f64x2.sub(low2(lastX), m2);
    const dHigh = f64x2.sub(high2(lastX), m2);

    // What the labels ask of x, before y is written, which may be x.
    let weight: f64 = 1; // Σ t
    let weighted = true; // whether any t ≠ 0
    if (dense) {
      let cross = f64x2.splat(0); // Σ t·(x − m)
      let total = f64x2.splat(0);
      let some = f32x4.splat(0);
      for (let i: usize = 0; i < front; i += 16) {
        const v = v128.load(x + i);
        const w = v128.load(t + i);
        cross = f64x2.add(cross, product2(low2(w), f64x2.sub(low2(v), m2)));
        cross = f64x2.add(cross, product2(high2(w), f64x2.sub(high2(v), m2)));
        total = f64x2.add(total, widen2(w));
        some = v128.or(some, w);
      }
      const lastT = v128.and(loadLast4(t + rowBytes, cols, mask), mask);
      cross = f64x2.add(cross, product2(low2(lastT), dLow));
      cross = f64x2.add(cross, product2(high2(lastT), dHigh));
      total = f64x2.add(total, widen2(lastT));
      some = v128.or(some, lastT);
      weight = sumLanes2(total);
      weighted = v128.any_true(i32x4.shl(some, 1)); // -0 is 0, too
      loss -= sumLanes2(cross);
      t += rowBytes;
    } else {
      loss += f64x2.extract_lane(m2, 0) - <f64>load<f32>(x + (<usize>load<i32>(t) << 2));
      t += 4;
    }

    const eLow = expScaled2(f64x2.pmax(dLow, lower), log2e, round, c3, c2, c1, c0);
    const eHigh = expScaled2(f64x2.pmax(dHigh, lower), log2e, round, c3, c2, c1, c0);
    const lastE = narrow4(eLow, eHigh);
    const lastSum = f64x2.add(
      v128.and(eLow, i64x2.extend_low_i32x4_s(mask)),
      v128.and(eHigh, i64x2.extend_high_i32x4_s(mask)),
    );
    const sum = exponentials2(true, y, x, front, ahead, m2, lower, log2e, round, c3, c2, c1, c0);

    const scaledSum = sumLanes2(f64x2.add(lastSum, sum));
    if (weight == 1) product = product * TWO_MINUS_64 * scaledSum;
    else if (weighted) loss += weight * log64(scaledSum * TWO_MINUS_64);
    if (rows == 1 || !(++done & (GROUP - 1))) {
      store<f64>(losses, loss + log64(product));
      losses += 8;
      loss = 0;
      product = 1;
    }
    const factor = f32x4.splat(<f32>(1 / scaledSum));
    const next = x + ahead;
    lastX = loadLast4(next + rowBytes, cols, mask);
    m = scaleFront4(y, y + front, factor, next, lastX);
    storeLast4(y + rowBytes, cols, f32x4.mul(lastE, factor));
  }
}

/** t·d per lane, and 0 where t = 0: beside x = -Inf that would be NaN. */
// @ts-ignore: decorator
@inline
function product2(t: v128, d: v128): v128 {
  return v128.and(f64x2.mul(t, d), f64x2.ne(t, f64x2.splat(0)));
}

/**
 * dx = scale · (y − onehot(labels)): the gradient of scale · Σ losses in the logits.
 * dx, y: f32[rows, cols], labels: i32[rows]; dx may be y.
 */
export function softmax_cross_entropy_backward(
  dx: usize,
  y: usize,
  labels: usize,
  rows: i32,
  cols: i32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const rowBytes = <usize>cols << 2;
  const front = <usize>(cols & ~3) << 2;
  for (; rows > 0; rows--, labels += 4) {
    const at = <usize>load<i32>(labels) << 2;
    const hit = scale * (load<f32>(y + at) - 1);
    let i: usize = 0;
    for (; i < front; i += 16) v128.store(dx + i, f32x4.mul(v128.load(y + i), factor));
    for (; i < rowBytes; i += 4) store<f32>(dx + i, load<f32>(y + i) * scale);
    store<f32>(dx + at, hit);
    dx += rowBytes;
    y += rowBytes;
  }
}

/**
 * dx = scale · (y − t): the gradient of scale · Σ losses in the logits where each row of t sums to 1.
 * dx, y, t: f32[rows, cols]; dx may be y or t.
 */
export function softmax_cross_entropy_backward_dense(
  dx: usize,
  y: usize,
  t: usize,
  rows: i32,
  cols: i32,
  scale: f32,
): void {
  const factor = f32x4.splat(scale);
  const bytes = <usize>rows * (<usize>cols << 2);
  const front = bytes & ~15;
  let i: usize = 0;
  for (; i < front; i += 16) {
    v128.store(dx + i, f32x4.mul(f32x4.sub(v128.load(y + i), v128.load(t + i)), factor));
  }
  for (; i < bytes; i += 4) store<f32>(dx + i, (load<f32>(y + i) - load<f32>(t + i)) * scale);
}
