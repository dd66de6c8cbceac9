import { checkNotNegative, checkNumber, checkOptions } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { engine } from '../engine/engine.js';
import { AliasError, BackwardError } from '../engine/errors.js';
import { type CheckedLabels, checkLabels, type Labels, writeLabels } from '../ops/labels.js';
import { checkLogits, softmaxCrossEntropy, softmaxCrossEntropyBackward } from '../ops/loss.js';
import { LayerBuffer } from '../tensor/buffer.js';
import { shapeOf } from '../tensor/create.js';
import { sizeOf } from '../tensor/shape.js';
import { Tensor, type TensorLike, valuesOf } from '../tensor/tensor.js';
import type { Criterion } from './layer.js';
import { Retained } from './retained.js';
import { Staged } from './staged.js';

export interface SoftmaxWithLossOptions {
  /** ε of the book's loss (there 1e-7): −Σ t·log(y + ε) / N, with y + ε in float32, saturates at −log ε. Default 0: exact. */
  epsilon?: number | undefined;
}

/**
 * Softmax and cross-entropy error in one (book, 5.6.3; appendix A). logits x [N, C]; labels t [N] integers, checked, or [N, C]
 * rows of any numbers; either kind of labels is copied.
 *
 * loss = mean over the rows of log Σ e^x − x_t, by log-sum-exp with logarithm and mean in float64: exact where the book's
 * log(y + 1e-7) saturates. Backward, as in the book: dx = dout · (y − t) / N, which is the gradient of the loss where each row
 * of t adds up to 1; an epsilon does not change it.
 */
export class SoftmaxWithLoss implements Criterion {
  readonly #epsilon: number;
  readonly #x = new Staged('SoftmaxWithLoss.forward');
  readonly #probabilities = new LayerBuffer('SoftmaxWithLoss.forward');
  readonly #labels = new LayerBuffer('SoftmaxWithLoss.forward');
  readonly #dx = new LayerBuffer('SoftmaxWithLoss.backward');
  readonly #kept = new Retained('y of SoftmaxWithLoss.forward');
  readonly #keptLabels = new Retained('t of SoftmaxWithLoss.forward');
  #kind: CheckedLabels['kind'] = 'indices';
  #y: Tensor | null = null;
  #t: Tensor | null = null;
  #loss: number | null = null;

  /** @throws RangeError unless epsilon is finite and ≥ 0 */
  constructor(options?: SoftmaxWithLossOptions) {
    checkOptions(options, ['epsilon'], 'SoftmaxWithLoss');
    const { epsilon = 0 } = options ?? {};
    checkNotNegative(epsilon, 'epsilon', 'SoftmaxWithLoss');
    this.#epsilon = epsilon;
  }

  /** softmax(x) of the last forward, [N, C]; the next one turns it stale. `null` before the first. */
  get y(): Tensor | null {
    return this.#y;
  }

  /** The labels of the last forward: a copy of the indices, or the rows [N, C]. `null` before the first. */
  get t(): Int32Array<ArrayBuffer> | Tensor | null {
    if (this.#t === null || this.#kind === 'rows') return this.#t;
    const start = this.#t.storage.offset >>> 2;
    return engine.i32.slice(start, start + this.#t.size) as Int32Array<ArrayBuffer>;
  }

  /** The loss of the last forward; `null` before the first. */
  get loss(): number | null {
    return this.#loss;
  }

  /**
   * The mean loss over the rows of logits x [N, C], for labels t ([N] indices or [N, C] rows); keeps y and t for `backward`.
   * @throws ShapeError unless x is [N, C] with N, C > 0 and t fits, RangeError for a label that is no integer in 0 … C - 1
   */
  forward(x: TensorLike, t: Labels): number {
    const where = 'SoftmaxWithLoss.forward';
    const shape = shapeOf(x, where, 'x');
    checkLogits(shape, where, 'x');
    const labels = checkLabels(t, shape[0]!, shape[1]!, where);
    const y = this.#probabilities.reserve(shape, shape[0]! * shape[1]!);
    // Indices are handed out as copies, so the handle can serve again.
    const last = labels.kind === 'indices' && this.#kind === 'indices' ? this.#t : null;
    const copy = last?.size === shape[0] ? last! : this.#labels.reserve(labels.shape, sizeOf(labels.shape));
    if (x instanceof Tensor && x.storage === copy.storage) {
      throw new AliasError(`${where}: x is the layer's copy of the labels, which is to be overwritten; clone() it`);
    }
    const losses = engine.scratch(shape[0]!, where);
    const logits = this.#x.stage(x, shape);
    writeLabels(labels, this.#labels.begin(copy).storage.offset);
    this.#probabilities.begin(y);
    const exact = softmaxCrossEntropy(y, logits, labels.kind, copy.storage.offset, losses);
    this.#t = this.#labels.commit(copy);
    this.#kind = labels.kind;
    this.#y = this.#probabilities.commit(y);
    this.#kept.keep(y);
    this.#keptLabels.keep(copy);
    this.#loss = this.#epsilon === 0 ? exact : this.#bookLoss(y, copy);
    return this.#loss;
  }

  /** dout · (y − t) / N, as often as wanted. @throws BackwardError before the first forward, DisposedError after dispose() */
  backward(dout = 1): Tensor {
    const where = 'SoftmaxWithLoss.backward';
    checkNumber(dout, 'dout', where);
    if (this.#loss === null) throw new BackwardError(`${where}: call forward() first`);
    const y = this.#kept.get(where);
    const { offset } = this.#keptLabels.get(where).storage;
    const dx = this.#dx.reserve(y.shape, y.size);
    softmaxCrossEntropyBackward(this.#dx.begin(dx), y, this.#kind, offset, dout / y.shape[0]!);
    return this.#dx.commit(dx);
  }

  dispose(): void {
    for (const part of [this.#x, this.#probabilities, this.#labels, this.#dx]) part.dispose();
    this.#y = this.#t = null;
  }

  [dispose](): void {
    this.dispose();
  }

  /** −Σ t·log(y + ε) / N, as the book's cross_entropy_error (4.2.4). */
  #bookLoss(y: Tensor, t: Tensor): number {
    const [rows, cols] = y.shape as readonly [number, number];
    const p = valuesOf(y);
    let total = 0;
    if (this.#kind === 'rows') {
      const weights = valuesOf(t);
      for (let i = 0; i < p.length; i++) if (weights[i] !== 0) total -= weights[i]! * this.#log(p[i]!);
    } else {
      const start = t.storage.offset >>> 2;
      for (let i = 0; i < rows; i++) total -= this.#log(p[i * cols + engine.i32[start + i]!]!);
    }
    return total / rows;
  }

  /** log(p + ε), whose sum is float32 as the book's: log(1 + 1e-7) is then 1.19e-7. */
  #log(p: number): number {
    return engine.raw.log64(Math.fround(p + this.#epsilon));
  }
}
