import { typeError } from '../engine/check.js';
import { dispose } from '../engine/dispose.js';
import { BackwardError } from '../engine/errors.js';
import { Parameter } from '../layers/parameter.js';
import { isValid, offsetOf, type Tensor } from '../tensor/tensor.js';

/**
 * The loop that every optimizer shares: one parameter after the other, in place; a parameter given twice counts once,
 * one without a gradient is skipped. State that `update` makes wants `keep()`, or a `tidy` around the step disposes it.
 */
export abstract class Optimizer implements Disposable {
  readonly #step: string;
  readonly #parameters: readonly Parameter[];

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
    this.#parameters = [...new Set(given)];
  }

  /** Changes every parameter that has a gradient. @throws BackwardError when there are parameters and none has one */
  step(): void {
    // All are checked before the first is changed.
    let ready = 0;
    const where = this.#step;
    for (const parameter of this.#parameters) {
      const { grad, name } = parameter;
      parameter.offset(where);
      if (grad === null) continue;
      if (!isValid(grad)) offsetOf(grad, `${where}: d${name}`); // throws the reason
      ready++;
    }
    if (ready === 0 && this.#parameters.length > 0) {
      throw new BackwardError(`${where}: no parameter has a gradient; call backward() first`);
    }
    for (const parameter of this.#parameters) {
      const { grad, value } = parameter;
      if (grad === null) continue;
      value.storage.version++; // first: an update in which a thread fails has changed some of it
      this.update(parameter, value, grad);
    }
  }

  /** Sets every gradient to zero. */
  zeroGrad(): void {
    for (const parameter of this.#parameters) parameter.zeroGrad();
  }

  /** Frees the optimizer's state; the parameters stay. */
  abstract dispose(): void;

  [dispose](): void {
    this.dispose();
  }

  /** value ← the rule of this optimizer; both are valid and of one shape. */
  protected abstract update(parameter: Parameter, value: Tensor, grad: Tensor): void;
}
