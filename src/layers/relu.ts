import { applyUnary, reluBackward } from '../ops/elementwise.js';
import { Activation, type ActivationOps } from './activation.js';

const OPS: ActivationOps = {
  name: 'ReLU',
  forward: (y, x) => applyUnary('relu_forward', y, x),
  backward: reluBackward,
};

/**
 * y = max(x, 0), any shape. Backward: dx = dout where y > 0, else 0 (book, 5.5.1); `dout` is not modified, NaN passes
 * in both directions.
 */
export class ReLU extends Activation<ReLU> {
  constructor() {
    super(OPS);
  }
}
