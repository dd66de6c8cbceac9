import { readFileSync } from 'node:fs';
import brain from 'brain.js';

const { version } = JSON.parse(readFileSync(new URL('node_modules/brain.js/package.json', import.meta.url), 'utf8'));

/** @returns {Promise<import('../support/peer').Peer>} */
export default async function brainJs() {
  return {
    name: 'brain.js',
    version,
    evaluation: 'plain JavaScript, one example after the other',
    steps: {
      'its own network'({ sizes, batch, x, oneHot, learningRate }) {
        if (sizes[0] > 10) return undefined; // 100 examples one by one: no comparison
        const net = new brain.NeuralNetwork({ hiddenLayers: sizes.slice(1, -1), learningRate });
        const classes = sizes.at(-1);
        const examples = Array.from({ length: batch }, (_, row) => ({
          input: x.slice(row * sizes[0], (row + 1) * sizes[0]),
          output: oneHot.slice(row * classes, (row + 1) * classes),
        }));
        net.train(examples, { iterations: 1 });
        return {
          run() {
            for (const { input, output } of examples) net.trainPattern({ input, output });
          },
          result: () => [],
          unchecked: 'sigmoid and squared error instead of ReLU and softmax',
        };
      },
    },
  };
}
