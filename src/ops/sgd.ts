import { engine } from '../engine/engine.js';
import { offsetOf, type Tensor } from '../tensor/tensor.js';

/** w ← w − learningRate · g, of one shape. @throws DisposedError, StaleTensorError @internal */
export function applySgd(w: Tensor, g: Tensor, learningRate: number): void {
  engine.kernels(w.size).sgd_update(offsetOf(w, 'SGD.step'), offsetOf(g, 'SGD.step'), w.size, learningRate);
}
