import { BackwardError } from '../engine/errors.js';
import type { Shape } from '../tensor/shape.js';
import { Storage } from '../tensor/storage.js';
import { Tensor } from '../tensor/tensor.js';

let nothing: Storage | undefined;

/** In place of a gradient that was not asked for: a tensor of that shape that says so on any read. */
export function withheld(shape: Shape, size: number): Tensor {
  if (nothing === undefined) {
    nothing = new Storage(0, 'backward', 'backward');
    nothing.generation = Infinity;
    nothing.failure = (where) =>
      new BackwardError(`${where}: the gradient of the input was not computed; pass {inputGrad: true} to backward()`);
  }
  return new Tensor(nothing, shape, size, 0);
}
