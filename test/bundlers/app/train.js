import { Affine, backendInfo, Random, ReLU, Sequential, SGD, SoftmaxWithLoss } from 'simdgrad';

/** Two hundred steps of a small network on data of its own: the same numbers wherever it runs. */
export function train() {
  const rng = new Random(7);
  const x = rng.normal([64, 20]);
  const labels = x.toArray().map((row) => (row[0] * row[1] > 0 ? 1 : 0));
  const net = new Sequential([Affine.init(20, 33, { rng }), new ReLU(), Affine.init(33, 2, { rng })]);
  const criterion = new SoftmaxWithLoss();
  const optimizer = new SGD(net.parameters(), { learningRate: 0.2 });
  for (let step = 0; step < 200; step++) {
    criterion.forward(net.forward(x), labels);
    net.backward(criterion.backward());
    optimizer.step();
  }
  return { simd: backendInfo().simd, loss: criterion.loss };
}
