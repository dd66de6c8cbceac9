import { applySumTo } from '../ops/reduce.js';
import type { Tensor } from '../tensor/tensor.js';
import { BinaryArithmetic } from './binary.js';

/** x + y. Backward: both gradients are dout (book, 5.4.2), summed over axes that were broadcast. */
export class AddLayer extends BinaryArithmetic {
  /** @internal */
  protected readonly readsInputs = false;

  constructor() {
    super('AddLayer', 'add_forward');
  }

  protected forwardNumbers(x: number, y: number): number {
    return x + y;
  }

  protected backwardNumbers(dout: number): [dx: number, dy: number] {
    return [dout, dout];
  }

  protected backwardTensors(dx: Tensor, dy: Tensor, dout: Tensor): void {
    applySumTo(dx, dout, 'AddLayer.backward');
    applySumTo(dy, dout, 'AddLayer.backward');
  }
}
