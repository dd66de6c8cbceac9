import { checkNotNegative, checkOptions } from '../engine/check.js';
import type { Parameter } from '../layers/parameter.js';
import { applySgd } from '../ops/sgd.js';
import { checkShape } from '../tensor/shape.js';
import type { Tensor } from '../tensor/tensor.js';
import { Optimizer } from './optimizer.js';

/** Stochastic gradient descent: W ← W − η·dW (book, 6.1.2). */
export class SGD extends Optimizer {
  #learningRate = 0;

  /** @throws RangeError unless learningRate is finite and ≥ 0 */
  constructor(parameters: readonly Parameter[], options: { learningRate: number }) {
    super('SGD', parameters);
    checkOptions(options, ['learningRate'], 'SGD');
    this.learningRate = options?.learningRate;
  }

  /** η; may be changed between steps. */
  get learningRate(): number {
    return this.#learningRate;
  }

  set learningRate(value: number) {
    checkNotNegative(value, 'learningRate', 'SGD');
    this.#learningRate = value;
  }

  dispose(): void {
    // SGD has no state of its own.
  }

  protected update(_parameter: Parameter, value: Tensor, grad: Tensor): void {
    // A subclass may call this with a gradient of its own making, or after it disposed something.
    checkShape(grad.shape, value.shape, 'grad', 'SGD.step');
    applySgd(value, grad, this.#learningRate);
  }
}
