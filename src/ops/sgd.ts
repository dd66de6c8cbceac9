import { engine } from '../engine/engine.js';
import type { Tensor } from '../tensor/tensor.js';

/** w ← w − learningRate · g; unchecked. @internal */
export function applySgd(w: Tensor, g: Tensor, learningRate: number): void {
  engine.kernels(w.size).sgd_update(w.storage.offset, g.storage.offset, w.size, learningRate);
}
