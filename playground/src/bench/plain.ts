/**
 * The rivals: what a careful programmer writes in plain JavaScript. Typed arrays, the loop order that reads memory in
 * its order, nothing allocated inside.
 */

/** C [m, n] = A [m, k] · B [k, n] */
export function matmul(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  c.fill(0, 0, m * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]!;
      const row = p * n;
      const to = i * n;
      for (let j = 0; j < n; j++) c[to + j]! += factor * b[row + j]!;
    }
  }
}

/** C [k, n] = Aᵀ · B, of A [m, k] and B [m, n] */
function matmulTransposed(c: Float32Array, a: Float32Array, b: Float32Array, m: number, n: number, k: number): void {
  c.fill(0, 0, k * n);
  for (let i = 0; i < m; i++) {
    for (let p = 0; p < k; p++) {
      const factor = a[i * k + p]!;
      const row = i * n;
      const to = p * n;
      for (let j = 0; j < n; j++) c[to + j]! += factor * b[row + j]!;
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
    matmulTransposed(dW2, this.#hidden, this.#y, n, classes, hidden);
    columnSum(db2, this.#y);
    for (let i = 0; i < n; i++) {
      for (let p = 0; p < hidden; p++) {
        let sum = 0;
        for (let j = 0; j < classes; j++) sum += this.#y[i * classes + j]! * W2[p * classes + j]!;
        this.#dHidden[i * hidden + p] = this.#hidden[i * hidden + p]! > 0 ? sum : 0;
      }
    }
    matmulTransposed(dW1, x, this.#dHidden, n, hidden, inputs);
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
