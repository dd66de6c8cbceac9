import { softmax } from '../../test/reference/softmax';
import { generator, normal } from '../../test/support/seeds';
import { softmaxLoss, softmaxLossBackward } from '../plain/softmax';
import { within } from '../support/check';
import { bench, free } from '../support/contender';
import { oneHot } from '../support/peer';

type Size = [rows: number, cols: number];

/** The mean cross-entropy of softmax(x) and integer labels, and its gradient. */
export default bench<Size>(
  'softmax_cross_entropy',
  [
    [100, 10],
    [128, 1000],
  ],
  ([rows, cols]) => {
    const x = normal(rows * cols, { seed: 1, std: 3 });
    const next = generator(2);
    const labels = Int32Array.from({ length: rows }, () => Math.floor(next() * cols));
    const probabilities = softmax(x, cols);
    const exact = probabilities.map((y, at) => (y - (labels[Math.floor(at / cols)] === at % cols ? 1 : 0)) / rows);
    const loss = labels.reduce((sum, label, row) => sum - Math.log(probabilities[row * cols + label]!), 0) / rows;
    return {
      shape: `${rows}×${cols}`,
      bytes: 16 * x.length,
      check: (dx, by) => within(dx, exact, by === 'peer' ? 2e-5 : 2e-6),
      loss: () => loss,
      simdgrad(library) {
        const input = library.tensor(x, [rows, cols]);
        const criterion = new library.SoftmaxWithLoss();
        let dx = library.zeros([]);
        return {
          run() {
            const loss = criterion.forward(input, labels);
            dx = criterion.backward();
            return loss;
          },
          result: () => dx.toTypedArray(),
          dispose: () => free(input, criterion),
        };
      },
      js() {
        const y = new Float32Array(x.length);
        const dx = new Float32Array(x.length);
        return {
          run() {
            const loss = softmaxLoss(y, x, labels);
            softmaxLossBackward(dx, y, labels);
            return loss;
          },
          result: () => dx,
        };
      },
      peers: (peer) => ({ '': () => peer.softmaxLoss?.({ x, labels, oneHot: oneHot(labels, cols), cols }) }),
    };
  },
);
