import { elementwise, matmul, type NdArray, ndarray, reduce, sumTo, swapLast } from './ndarray';

/** The book's layers (chapter 5) in float64: forward and backward side by side. */

export const affine = {
  /** y = x·W + b */
  forward: (x: NdArray, W: NdArray, b: NdArray): NdArray => elementwise((p, q) => p + q, matmul(flat(x), W).y, b),
  /** dx = dout·Wᵀ, dW = xᵀ·dout, db = Σₙ dout */
  backward: (dout: NdArray, x: NdArray, W: NdArray): { dx: NdArray; dW: NdArray; db: NdArray } => ({
    dx: ndarray(x.shape, matmul(dout, swapLast(W)).y.data),
    dW: matmul(swapLast(flat(x)), dout).y,
    db: reduce((values) => values.reduce((a, v) => a + v, 0), dout, [0], false),
  }),
};

export const relu = {
  forward: (x: NdArray): NdArray => map(x, (v) => Math.max(v, 0)),
  backward: (dout: NdArray, y: NdArray): NdArray => elementwise((d, v) => (v <= 0 ? 0 : d), dout, y),
};

export const sigmoid = {
  forward: (x: NdArray): NdArray => map(x, (v) => 1 / (1 + Math.exp(-v))),
  backward: (dout: NdArray, y: NdArray): NdArray => elementwise((d, v) => d * v * (1 - v), dout, y),
};

export const mulLayer = {
  forward: (x: NdArray, y: NdArray): NdArray => elementwise((p, q) => p * q, x, y),
  backward: (dout: NdArray, x: NdArray, y: NdArray): [NdArray, NdArray] => [
    sumTo(
      elementwise((d, q) => d * q, dout, y),
      x.shape,
    ),
    sumTo(
      elementwise((d, p) => d * p, dout, x),
      y.shape,
    ),
  ],
};

export const addLayer = {
  forward: (x: NdArray, y: NdArray): NdArray => elementwise((p, q) => p + q, x, y),
  backward: (dout: NdArray, x: NdArray, y: NdArray): [NdArray, NdArray] => [sumTo(dout, x.shape), sumTo(dout, y.shape)],
};

export const softmaxWithLoss = {
  /** y = softmax(x), loss = −Σ t·log y / N by log-sum-exp; t as rows. */
  forward: (x: NdArray, t: NdArray): { y: NdArray; loss: number } => {
    const [rows, cols] = x.shape;
    const y = new Float64Array(rows * cols);
    let loss = 0;
    for (let i = 0; i < rows; i++) {
      const row = x.data.subarray(i * cols, (i + 1) * cols);
      const top = Math.max(...row);
      const logSum = top + Math.log(row.reduce((a, v) => a + Math.exp(v - top), 0));
      row.forEach((v, j) => {
        y[i * cols + j] = Math.exp(v - logSum);
        const weight = t.data[i * cols + j];
        if (weight !== 0) loss += (weight * (logSum - v)) / rows;
      });
    }
    return { y: ndarray(x.shape, y), loss };
  },
  /** dx = scale · (y − t) / N */
  backward: (y: NdArray, t: NdArray, scale = 1): NdArray => elementwise((p, q) => (scale * (p - q)) / y.shape[0], y, t),
};

/** [N, …] as [N, in]; a vector is a column. */
function flat(x: NdArray): NdArray {
  const [rows] = x.shape;
  return ndarray([rows, x.data.length / rows || 0], x.data);
}

function map(x: NdArray, f: (v: number) => number): NdArray {
  return ndarray(x.shape, x.data.map(f));
}
