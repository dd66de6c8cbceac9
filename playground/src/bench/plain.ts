/**
 * The rivals: what a careful programmer writes in plain JavaScript. Typed arrays, loops that read memory in its order,
 * nothing allocated inside.
 */

/**
 * C [m, n] = A · B [k, n], where A[i, p] is `a[i · row + p · column]`: k and 1 for a matrix [m, k] as it stands, 1 and m
 * for the transpose of one [k, m]. Four rows of B at a time: twice as fast as one.
 */
export function matmul(
  c: Float32Array,
  a: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
  row = k,
  column = 1,
): void {
  for (let i = 0; i < m; i++) {
    const to = i * n;
    for (let j = 0; j < n; j++) c[to + j] = 0;
    let p = 0;
    for (; p + 4 <= k; p += 4) {
      const from = i * row + p * column;
      const a0 = a[from]!;
      const a1 = a[from + column]!;
      const a2 = a[from + 2 * column]!;
      const a3 = a[from + 3 * column]!;
      const b0 = p * n;
      const b1 = b0 + n;
      const b2 = b1 + n;
      const b3 = b2 + n;
      for (let j = 0; j < n; j++) c[to + j]! += a0 * b[b0 + j]! + a1 * b[b1 + j]! + a2 * b[b2 + j]! + a3 * b[b3 + j]!;
    }
    for (; p < k; p++) {
      const factor = a[i * row + p * column]!;
      for (let j = 0; j < n; j++) c[to + j]! += factor * b[p * n + j]!;
    }
  }
}

export function relu(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.max(x[i]!, 0);
}

export function sigmoid(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!));
}

/** Over rows of `columns` numbers. */
export function softmax(y: Float32Array, x: Float32Array, columns: number): void {
  for (let start = 0; start < x.length; start += columns) {
    const end = start + columns;
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) largest = Math.max(largest, x[i]!);
    let sum = 0;
    for (let i = start; i < end; i++) {
      const e = Math.exp(x[i]! - largest);
      y[i] = e;
      sum += e;
    }
    for (let i = start; i < end; i++) y[i]! /= sum;
  }
}

/** The two-layer network with ReLU: a step of mini-batch SGD. */
export class Network {
  readonly #sizes: readonly [inputs: number, hidden: number, classes: number];
  readonly #parameters: readonly [W1: Float32Array, b1: Float32Array, W2: Float32Array, b2: Float32Array];
  readonly #gradients: readonly [dW1: Float32Array, db1: Float32Array, dW2: Float32Array, db2: Float32Array];
  readonly #hidden: Float32Array;
  readonly #dHidden: Float32Array;
  readonly #scores: Float32Array;
  readonly #y: Float32Array;
  readonly #batch: number;

  /** Takes copies of the weights; biases start at zero. */
  constructor(W1: Float32Array, W2: Float32Array, inputs: number, hidden: number, classes: number, batch: number) {
    this.#sizes = [inputs, hidden, classes];
    this.#parameters = [W1.slice(), new Float32Array(hidden), W2.slice(), new Float32Array(classes)];
    const [W1c, b1, W2c, b2] = this.#parameters;
    this.#gradients = [
      new Float32Array(W1c.length),
      new Float32Array(b1.length),
      new Float32Array(W2c.length),
      new Float32Array(b2.length),
    ];
    this.#hidden = new Float32Array(batch * hidden);
    this.#dHidden = new Float32Array(batch * hidden);
    this.#scores = new Float32Array(batch * classes);
    this.#y = new Float32Array(batch * classes);
    this.#batch = batch;
  }

  /** @returns the loss before the step */
  step(x: Float32Array, labels: Uint8Array, learningRate: number): number {
    const [inputs, hidden, classes] = this.#sizes;
    const [W1, b1, W2, b2] = this.#parameters;
    const [dW1, db1, dW2, db2] = this.#gradients;
    const n = this.#batch;
    affine(this.#hidden, x, W1, b1, n, hidden, inputs);
    relu(this.#hidden, this.#hidden);
    affine(this.#scores, this.#hidden, W2, b2, n, classes, hidden);
    softmax(this.#y, this.#scores, classes);

    let loss = 0;
    for (let i = 0; i < n; i++) {
      const at = i * classes + labels[i]!;
      loss -= Math.log(this.#y[at]!);
      this.#y[at]! -= 1;
    }
    for (let i = 0; i < this.#y.length; i++) this.#y[i]! /= n;
    matmul(dW2, this.#hidden, this.#y, hidden, classes, n, 1, hidden);
    columnSum(db2, this.#y);
    for (let i = 0; i < n; i++) {
      for (let p = 0; p < hidden; p++) {
        let sum = 0;
        for (let j = 0; j < classes; j++) sum += this.#y[i * classes + j]! * W2[p * classes + j]!;
        this.#dHidden[i * hidden + p] = this.#hidden[i * hidden + p]! > 0 ? sum : 0;
      }
    }
    matmul(dW1, x, this.#dHidden, inputs, hidden, n, 1, inputs);
    columnSum(db1, this.#dHidden);
    for (const [i, parameter] of this.#parameters.entries()) descend(parameter, this.#gradients[i]!, learningRate);
    return loss / n;
  }
}

function affine(
  y: Float32Array,
  x: Float32Array,
  W: Float32Array,
  b: Float32Array,
  m: number,
  n: number,
  k: number,
): void {
  matmul(y, x, W, m, n, k);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) y[i * n + j]! += b[j]!;
}

function columnSum(sums: Float32Array, x: Float32Array): void {
  sums.fill(0);
  const columns = sums.length;
  for (let start = 0; start < x.length; start += columns) {
    for (let j = 0; j < columns; j++) sums[j]! += x[start + j]!;
  }
}

function descend(parameter: Float32Array, gradient: Float32Array, learningRate: number): void {
  for (let i = 0; i < parameter.length; i++) parameter[i]! -= learningRate * gradient[i]!;
}
