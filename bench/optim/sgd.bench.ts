import { normal } from '../../test/support/seeds';
import { sgd } from '../plain/elementwise';
import { within } from '../support/check';
import { bench, free } from '../support/contender';

/** w ← w − η·g, again and again. */
export default bench('sgd', [10_000, 1_000_000], (n) => {
  const w = normal(n, { seed: 1 });
  const g = normal(n, { seed: 2, std: 1e-3 });
  const rate = 0.5;
  return {
    shape: String(n),
    bytes: 12 * n,
    check: (y) =>
      within(
        y,
        Float64Array.from(w, (v, i) => v - rate * g[i]!),
        1e-6,
      ),
    simdgrad(library) {
      const layer = new library.Affine(library.tensor(w, [1, n]), library.zeros([n]));
      layer.forward([[1]]); // so dW = g
      layer.backward(library.tensor(g, [1, n]), { inputGrad: false });
      const optimizer = new library.SGD(layer.parameters().slice(0, 1), { learningRate: rate });
      return {
        run: () => optimizer.step(),
        result: () => layer.W.toTypedArray(),
        dispose: () => free(layer, optimizer),
        copy: { run: () => layer.W.set(layer.dW!), bytes: 8 * n },
      };
    },
    js() {
      const weights = w.slice();
      return { run: () => sgd(weights, g, rate), result: () => weights };
    },
  };
});
