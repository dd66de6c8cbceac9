import { relu, reluBackward, sgd } from './elementwise';
import { matmul, matmulNT, matmulTN } from './matmul';
import { sumRows } from './reduce';
import { softmaxLoss, softmaxLossBackward } from './softmax';

/** A network of affine layers with ReLU between them, softmax and cross-entropy at the end. */
export interface Network {
  sizes: readonly number[];
  weights: Float32Array[];
  biases: Float32Array[];
}

/** One training step after the other on a batch, with every buffer allocated once. */
export class Trainer {
  readonly #net: Network;
  readonly #rows: number;
  readonly #outputs: Float32Array[];
  readonly #douts: Float32Array[];
  readonly #dW: Float32Array[];
  readonly #db: Float32Array[];

  constructor(net: Network, rows: number) {
    this.#net = net;
    this.#rows = rows;
    const widths = net.sizes.slice(1);
    this.#outputs = [...widths, widths.at(-1)!].map((width) => new Float32Array(rows * width));
    this.#douts = widths.map((width) => new Float32Array(rows * width));
    this.#dW = net.weights.map((W) => new Float32Array(W.length));
    this.#db = net.biases.map((b) => new Float32Array(b.length));
  }

  step(x: Float32Array, labels: Int32Array, learningRate: number): number {
    const { sizes, weights, biases } = this.#net;
    const rows = this.#rows;
    const depth = weights.length;
    const outputs = this.#outputs;
    const douts = this.#douts;
    for (let l = 0; l < depth; l++) {
      const y = outputs[l]!;
      const input = l === 0 ? x : outputs[l - 1]!;
      if (sizes[l]! < 4) affineSums(y, input, weights[l]!, biases[l]!, rows, l < depth - 1);
      else {
        matmul(y, input, weights[l]!, rows, sizes[l + 1]!, sizes[l]!);
        addBias(y, biases[l]!);
        if (l < depth - 1) relu(y, y);
      }
    }
    const loss = softmaxLoss(outputs[depth]!, outputs[depth - 1]!, labels);
    softmaxLossBackward(douts[depth - 1]!, outputs[depth]!, labels);
    for (let l = depth - 1; l >= 0; l--) {
      const dout = douts[l]!;
      matmulTN(this.#dW[l]!, l === 0 ? x : outputs[l - 1]!, dout, sizes[l]!, sizes[l + 1]!, rows);
      sumRows(this.#db[l]!, dout);
      if (l > 0) {
        matmulNT(douts[l - 1]!, dout, weights[l]!, rows, sizes[l]!, sizes[l + 1]!);
        reluBackward(douts[l - 1]!, douts[l - 1]!, outputs[l - 1]!);
      }
    }
    for (let l = 0; l < depth; l++) {
      sgd(weights[l]!, this.#dW[l]!, learningRate);
      sgd(biases[l]!, this.#db[l]!, learningRate);
    }
    return loss;
  }
}

/** y = x·W + b, then max(y, 0) where wanted: a sum at a time, which is faster for few terms. */
function affineSums(y: Float32Array, x: Float32Array, W: Float32Array, b: Float32Array, rows: number, relu: boolean) {
  const n = b.length;
  const k = W.length / n;
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) {
      let sum = b[j]!;
      for (let p = 0; p < k; p++) sum += x[i * k + p]! * W[p * n + j]!;
      y[i * n + j] = relu ? (sum + Math.abs(sum)) * 0.5 : sum;
    }
  }
}

function addBias(y: Float32Array, b: Float32Array): void {
  const cols = b.length;
  for (let at = 0; at < y.length; at += cols) for (let j = 0; j < cols; j++) y[at + j]! += b[j]!;
}
