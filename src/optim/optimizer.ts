import { typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { BackwardError } from '../engine/errors.js';
import { Parameter } from '../layers/parameter.js';
import { isValid, offsetOf, type Tensor } from '../tensor/tensor.js';

/**
 * Base class of optimizers: `step` updates one parameter after the other, in place. A parameter given twice counts once, one
 * without a gradient is skipped. Tensors that `update` makes as state need `keep()`, or a `tidy` around the step disposes them.
 */
export abstract class Optimizer implements Disposable {
  /** `'SGD.step'`, say: how its errors begin. */
  readonly #step: string;
  /** What the constructor was given, each once. */
  protected readonly parameters: readonly Parameter[];

  /** @throws TypeError for what is no Parameter */
  protected constructor(name: string, parameters: readonly Parameter[]) {
    if (!Array.isArray(parameters)) {
      throw typeError(name, 'an array of parameters', parameters);
    }
    const given = [...parameters];
    for (const [i, parameter] of given.entries()) {
      if (!(parameter instanceof Parameter)) {
        throw typeError(name, `parameters[${i}] to be a Parameter`, parameter);
      }
    }
    this.#step = `${name}.step`;
    this.parameters = [...new Set(given)];
  }

  /**
   * Updates every parameter that has a gradient. A gradient counts until it is overwritten: where a backward leaves layers out
   * (two heads trained in turn), call `zeroGrad()` before it.
   * @throws BackwardError when there are parameters but no gradient at all
   * @throws DisposedError, StaleTensorError for a value or gradient that may no longer be read; nothing has changed then
   */
  step(): void {
    // All are checked before the first is changed.
    let ready = 0;
    const where = this.#step;
    for (const parameter of this.parameters) {
      const { grad, name } = parameter;
      parameter.offset(where);
      if (grad === null) continue;
      if (!isValid(grad)) offsetOf(grad, `${where}: d${name}`); // throws the reason
      ready++;
    }
    if (ready === 0 && this.parameters.length > 0) {
      throw new BackwardError(`${where}: no parameter has a gradient; call backward() first`);
    }
    for (const parameter of this.parameters) {
      const { grad, value } = parameter;
      if (grad === null) continue;
      value.storage.version++; // first: an update in which a thread fails has changed some of it
      this.update(parameter, value, grad);
    }
  }

  /** Sets every gradient to zero. */
  zeroGrad(): void {
    for (const parameter of this.parameters) parameter.zeroGrad();
  }

  /** Frees the optimizer's state; the parameters stay. */
  abstract dispose(): void;

  [dispose](): void {
    this.dispose();
  }

  /** Applies the rule: updates `value`, the parameter's, in place by `grad`. Both are readable and have the same shape. */
  protected abstract update(parameter: Parameter, value: Tensor, grad: Tensor): void;
}
