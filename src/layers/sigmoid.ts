import { applyUnary, sigmoidBackward } from '../ops/elementwise.js';
import { Activation, type ActivationOps } from './activation.js';

const OPS: ActivationOps = {
  name: 'Sigmoid',
  forward: (y, x) => applyUnary('sigmoid_forward', y, x),
  backward: sigmoidBackward,
};

/** y = 1 / (1 + e^-x), any shape. Backward: dx = dout · y · (1 − y), so only y is kept (book, 5.5.2). */
export class Sigmoid extends Activation<Sigmoid> {
  constructor() {
    super(OPS);
  }
}
