import { COTH_1, COTH_2, LOG2E, MINUS_LN2, ROUND_SCALED, SCALED_LOWER, expScaled4, powerScaled4, restScaled4 } from '../math/exp';
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
import { held2, held4, hiddenZero } from '../math/held';
import { high2, low2, sumLanes2, widen2 } from '../math/lanes';
import { log64 } from '../math/log64';
import { madd4 } from '../math/madd';
import { exponentials2 } from './exponentials';
import {
  frontBytes,
  loadLast4,
  maxLane4,
  newLanes,
  rowMaxNumber,
  scaleFront4,
  storeLast4,
} from './row';

/**
 * Bytes of a row whose exponentials are added in float32, 64 elements, before the sum goes on in float64. Twice as many take 1 to
 * 3 % less time, but exceed the error below (npm run bench -- softmax --sweep softmax/softmax:BLOCK_BYTES=512,1024).
 */
// @ts-ignore: decorator
@inline
const BLOCK_BYTES: usize = 256;

/**
 * y = e^(x − max x) / Σ e^(x − max x) over each row.
 * x, y: f32[rows, cols]; y may be x. A NaN or +Inf in a row, or nothing but -Inf, makes that row NaN and no
 * other; -Inf beside a finite value gives 0; denormal results are kept.
 *
 * Relative error at most 2e-7·(8 + |x − max x|): the rounding of that difference, and that of the sum, 16·2⁻²⁴ where many
 * equal exponentials beside a large one round one way; rows of unlike elements stay within 2e-7·(4 + |x − max x|). Sums run
 * in float32 over at most 64 elements, 16 in each lane, then in float64. With cols < 4, up to 12 bytes before x are read.
 */
export function softmax_forward(y: usize, x: usize, rows: i32, cols: i32): void {
  if (rows == 0 || cols == 0) return;
  const zero = hiddenZero(rows);
  const lower = held4(SCALED_LOWER, zero);
  const log2e = held4(LOG2E, zero);
  const round = held4(ROUND_SCALED, zero);
  const minusLn2 = held4(MINUS_LN2, zero);
  const c2 = held4(COTH_2, zero);
  const c1 = held4(COTH_1, zero);
  const two = held4(2, zero);

  const front = frontBytes(cols);
  const rowBytes = <usize>cols << 2;
  const mask = newLanes(cols);
  let last = loadLast4(x + rowBytes, cols, mask);
  let m = f32x4.splat(rowMaxNumber(x, cols));
  for (; rows > 0; rows--, x += rowBytes, y += rowBytes) {
    const end = x + front;
    const ahead = rows > 1 ? rowBytes : 0;

    // e^(x − m) and the sum, both times 2^64, which the quotient loses again.
    last = f32x4.pmax(f32x4.sub(last, m), lower);
    last = expScaled4(last, log2e, round, minusLn2, c2, c1, two);
    let sum = widen2(v128.and(last, mask));
    let p = x;
    let q = y;
    // The front vectors, in a pipeline (exp64.ts says why): z1, r1 are the first half of the exponential of the vector before p,
    // z0, r0 of the one before that, whose other half is computed next, and stored at q. Behind the loop one or two wait.
    if (front) {
      let d = below4(p, m, lower);
      let z1 = madd4(d, log2e, round);
      let r1 = restScaled4(d, z1, round, minusLn2);
      p += 16;
      let before = f32x4.splat(0);
      if (p < end) {
        let z0 = z1, r0 = r1;
        d = below4(p, m, lower);
        z1 = madd4(d, log2e, round);
        r1 = restScaled4(d, z1, round, minusLn2);
        p += 16;
        while (p < end) {
          const blockEnd = min(end, p + BLOCK_BYTES);
          let block = f32x4.splat(0);
          for (; p < blockEnd; p += 16, q += 16) {
            const e = powerScaled4(z0, r0, c2, c1, two);
            v128.store(q, e);
            block = f32x4.add(block, e);
            z0 = z1;
            r0 = r1;
            load<i32>(p + ahead); // prefetches the next row: the exponentials leave time to wait for it
            d = below4(p, m, lower);
            z1 = madd4(d, log2e, round);
            r1 = restScaled4(d, z1, round, minusLn2);
          }
          sum = f64x2.add(sum, widen2(block));
        }
        before = powerScaled4(z0, r0, c2, c1, two);
        v128.store(q, before);
        q += 16;
      }
      const e = powerScaled4(z1, r1, c2, c1, two);
      v128.store(q, e);
      sum = f64x2.add(sum, widen2(f32x4.add(before, e)));
    }

    const factor = f32x4.splat(<f32>(1 / sumLanes2(sum)));
    last = f32x4.mul(last, factor);
    const next = x + ahead;
    const lastNext = loadLast4(next + rowBytes, cols, mask);
    m = scaleFront4(y, y + front, factor, next, lastNext);
    storeLast4(y + rowBytes, cols, last);
    last = lastNext;
  }
}

/** x − max x of four elements, not below where the exponential is 0. */
// @ts-ignore: decorator
@inline
function below4(x: usize, max: v128, lower: v128): v128 {
  return f32x4.pmax(f32x4.sub(v128.load(x), max), lower);
}

/**
 * y = x − max x − ln Σ e^(x − max x) over each row.
 * x, y: f32[rows, cols]; y may be x. A NaN or +Inf in a row, or nothing but -Inf, makes that row NaN and no
 * other; -Inf beside a finite value stays -Inf. Sum and logarithm are float64; the logarithm and two differences round to
 * float32. With cols < 4, up to 12 bytes before x are read.
 */
export function log_softmax_forward(y: usize, x: usize, rows: i32, cols: i32): void {
  if (cols == 0) return;
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
  let last = loadLast4(x + rowBytes, cols, mask);
  let m = f32x4.splat(rowMaxNumber(x, cols));
  for (; rows > 0; rows--, x += rowBytes, y += rowBytes) {
    const ahead = rows > 1 ? rowBytes : 0;
    const m2 = f64x2.promote_low_f32x4(m);
    let sum = exponentials2(false, 0, x, front, ahead, m2, lower, log2e, round, c3, c2, c1, c0);
    const low = f64x2.pmax(f64x2.sub(low2(last), m2), lower);
    const high = f64x2.pmax(f64x2.sub(high2(last), m2), lower);
    const eLow = v128.and(
      expScaled2(low, log2e, round, c3, c2, c1, c0),
      i64x2.extend_low_i32x4_s(mask),
    );
    const eHigh = v128.and(
      expScaled2(high, log2e, round, c3, c2, c1, c0),
      i64x2.extend_high_i32x4_s(mask),
    );
    sum = f64x2.add(sum, f64x2.add(eLow, eHigh));

    const logSum = f32x4.splat(<f32>log64(sumLanes2(sum) * TWO_MINUS_64));
    const next = x + ahead;
    const lastNext = loadLast4(next + rowBytes, cols, mask);
    let most = f32x4.pmax(f32x4.splat(-Infinity), lastNext);
    for (let i: usize = 0; i < front; i += 16) {
      v128.store(y + i, f32x4.sub(f32x4.sub(v128.load(x + i), m), logSum));
      most = f32x4.pmax(most, v128.load(next + i));
    }
    storeLast4(y + rowBytes, cols, f32x4.sub(f32x4.sub(last, m), logSum));
    last = lastNext;
    m = maxLane4(most);
  }
}
