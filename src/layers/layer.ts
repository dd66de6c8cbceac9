import { typeError } from '../engine/check.js';
import type { Out } from '../ops/argument.js';
import type { Labels } from '../ops/labels.js';
import type { Tensor, TensorLike } from '../tensor/tensor.js';
import type { Parameter } from './parameter.js';

export interface BackwardOptions {
  /**
   * Compute the gradient of the input. Default `true`, but `false` for a `Sequential`, whose input is usually data: reading the
   * tensor that `backward` returns then throws a BackwardError.
   */
  inputGrad?: boolean | undefined;
  /** Add to the gradients of the parameters instead of overwriting them; default `false`. */
  accumulate?: boolean | undefined;
}

export interface PredictOptions<O extends Out = Tensor> {
  /** Where the result goes instead of into a new tensor. */
  out?: O | undefined;
}

/**
 * One input, one output. Outputs and gradients belong to the layer: a handle is valid until the next call of the
 * same method. One `backward` for each `forward`.
 */
export interface Layer extends Disposable {
  /**
   * For training: keeps what `backward` needs.
   * @throws ShapeError when x does not fit, DisposedError or StaleTensorError when it may no longer be read, AliasError when it is
   * the layer's own last output and the layer cannot work in place
   */
  forward(x: TensorLike): Tensor;
  /**
   * The gradient of the last forward's input, in its shape. Overwrites the gradients of the parameters, or with `accumulate`
   * adds to them.
   * @throws BackwardError unless a forward came before each backward, ShapeError unless dout has the shape of its output
   * @throws StaleTensorError, DisposedError when dout or what forward kept may no longer be read, AliasError when one of them is a
   * gradient that this layer is to overwrite
   */
  backward(dout: TensorLike, options?: BackwardOptions): Tensor;
  /**
   * For inference: keeps nothing, changes nothing; the result is the caller's.
   * @throws ShapeError when x or `out` does not fit, AliasError when `out` has memory that is still read
   */
  predict(x: TensorLike, options?: PredictOptions): Tensor;
  /** The learnable parameters: the same objects in the same order on every call. */
  parameters(): Parameter[];
  /**
   * A twin with the same parameters but outputs and saved inputs of its own, for a second use of the layer in one pass. Those of
   * our classes make a twin of the same class without running its constructor: a subclass with fields of its own overrides this
   * and copies them to what `super.share()` returns (private ones, `#x`, cannot be added there, nor private methods).
   */
  share(): Layer;
  /** Frees outputs and gradients, and the parameters once no twin uses them. */
  dispose(): void;
}

const METHODS = ['forward', 'backward', 'predict', 'parameters', 'share', 'dispose'] as const;

/** @throws TypeError for what is no layer @internal */
export function checkLayer(layer: Layer, what: string, where: string): void {
  for (const method of METHODS) {
    if (typeof layer?.[method] === 'function') continue;
    throw typeError(where, `${what} to have ${METHODS.join(', ')} (it lacks ${method})`, layer);
  }
}

/** Two inputs, one output, two gradients. */
export interface BinaryLayer extends Disposable {
  forward(x: TensorLike, y: TensorLike): Tensor | number;
  backward(dout: TensorLike): [dx: Tensor, dy: Tensor] | [dx: number, dy: number];
  dispose(): void;
}

/** A loss: a number from outputs and targets `T` (labels), and its gradient, as often as wanted. */
export interface Criterion<T = Labels> extends Disposable {
  forward(x: TensorLike, t: T): number;
  /** `dout` (default 1) times the gradient of the loss with respect to x. */
  backward(dout?: number): Tensor;
  dispose(): void;
}
