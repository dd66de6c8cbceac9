import { Affine, ReLU, SoftmaxWithLoss, type Tensor } from 'simdgrad';
import { type Example, type GraphEdge, type Lines, node, type Step } from './example.js';

const W1 = [
  [0.5, -0.4, 0.8],
  [0.3, 0.9, -0.6],
];
const b1 = [0.1, 0, 0.2];
const W2 = [
  [0.6, -0.5],
  [-0.3, 0.8],
  [0.7, 0.2],
];
const b2 = [0, 0.1];
/** With these no number in the graph is wider than the five characters that a matrix has for each. */
const INPUT = { min: -5, max: 5, decimals: 2 };

function edge(id: string, from: string, to: string, narrow: number | 'node' = 0.5): GraphEdge {
  return { id, from, to, label: { wide: 0.5, narrow } };
}

/** Rows of a matrix with two decimals, in columns. */
function matrix(t: Tensor | null): Lines {
  const [rows, columns] = t!.shape.length === 1 ? [1, t!.shape[0]!] : (t!.shape as [number, number]);
  const values = t!.toTypedArray();
  return Array.from({ length: rows }, (_, row) =>
    Array.from(values.subarray(row * columns, (row + 1) * columns), (value) => fixed(value).padStart(5)).join(' '),
  );
}

/** Two decimals; −0.00 is told as 0.00. */
function fixed(value: number): string {
  const text = value.toFixed(2);
  return text === '-0.00' ? '0.00' : text.replace('-', '−');
}

/** The book's two-layer network (5.7) in small: 2 → 3 → 2 with ReLU, softmax and cross-entropy error. */
export const networkExample: Example = {
  lead: 'The same rules, with matrices: x and t are one example and its label. At the end every weight has a gradient, which SGD would subtract from it, times the learning rate.',
  size: { wide: [1200, 420], narrow: [350, 866] },
  fields: [
    { id: 'x1', label: 'x₁', value: 1, step: 0.5, ...INPUT },
    { id: 'x2', label: 'x₂', value: 2, step: 0.5, ...INPUT },
    { id: 't', label: 'Label t (0 or 1)', value: 0, step: 1, min: 0, max: 1, decimals: 0 },
  ],
  nodes: [
    node('x', 'input', 'x', [40, 210], [255, 34]),
    node('W1', 'input', 'W₁', [235, 34], [80, 130]),
    node('b1', 'input', 'b₁', [235, 386], [80, 262]),
    node('affine1', 'layer', 'Affine', [235, 210], [255, 196]),
    node('relu', 'layer', 'ReLU', [470, 210], [255, 340]),
    node('W2', 'input', 'W₂', [705, 34], [80, 440]),
    node('b2', 'input', 'b₂', [705, 386], [80, 600]),
    node('affine2', 'layer', 'Affine', [705, 210], [255, 520]),
    node('loss', 'layer', 'Softmax\nwith loss', [950, 210], [255, 690]),
    node('t', 'input', 't', [950, 386], [80, 690]),
    node('result', 'output', 'loss', [1150, 210], [255, 826]),
  ],
  edges: [
    edge('x', 'x', 'affine1'),
    edge('W1', 'W1', 'affine1', 'node'),
    edge('b1', 'b1', 'affine1', 'node'),
    edge('a', 'affine1', 'relu'),
    edge('h', 'relu', 'affine2'),
    edge('W2', 'W2', 'affine2', 'node'),
    edge('b2', 'b2', 'affine2', 'node'),
    edge('z', 'affine2', 'loss'),
    edge('t', 't', 'loss'),
    edge('loss', 'loss', 'result'),
  ],
  trace(input) {
    const label = input.t!;
    const [affine1, relu, affine2] = [new Affine(W1, b1), new ReLU(), new Affine(W2, b2)];
    const criterion = new SoftmaxWithLoss();
    const steps: Step[] = [];
    // What a layer returns is overwritten by its next call: each value is turned into text as soon as it is there.
    const forward = (at: string, text: string, formula: string, values: Step['values']) =>
      steps.push({ phase: 'forward', node: at, text, formula, values, gradients: {} });
    const backward = (at: string, text: string, formula: string, gradients: Step['gradients']) =>
      steps.push({ phase: 'backward', node: at, text, formula, values: {}, gradients });

    const x = [[input.x1!, input.x2!]];
    const a = affine1.forward(x);
    forward('affine1', 'The first layer: a product with the weights, and a bias for each neuron.', 'a = x · W₁ + b₁', {
      x: [x[0]!.map((value) => fixed(value).padStart(5)).join(' ')],
      W1: matrix(affine1.W),
      b1: matrix(affine1.b),
      a: matrix(a),
    });
    const h = relu.forward(a);
    forward('relu', 'ReLU lets through what is positive.', 'h = max(a, 0)', { h: matrix(h) });
    const z = affine2.forward(h);
    forward('affine2', 'The second layer gives a score for each class.', 'z = h · W₂ + b₂', {
      W2: matrix(affine2.W),
      b2: matrix(affine2.b),
      z: matrix(z),
    });
    const loss = criterion.forward(z, [label]);
    const y = Array.from(criterion.y!.toTypedArray(), fixed);
    forward(
      'loss',
      `Softmax turns the scores into probabilities y = (${y.join(', ')}); the loss is small when the right one is near 1.`,
      `loss = −log y[${label}] = ${fixed(loss)}`,
      { t: [String(label)], loss: [fixed(loss)] },
    );
    backward('result', 'Now the way back.', 'd loss = 1', { loss: ['1.00'] });
    const dz = criterion.backward();
    backward(
      'loss',
      'Softmax and cross-entropy were made for each other: their gradient is just the error of the probabilities.',
      'dz = y − t',
      { z: matrix(dz) },
    );
    const dh = affine2.backward(dz);
    backward(
      'affine2',
      'Affine has three gradients: of its weights, its bias and its input.',
      'dW₂ = hᵀ · dz\ndb₂ = dz\ndh = dz · W₂ᵀ',
      { W2: matrix(affine2.dW), b2: matrix(affine2.db), h: matrix(dh) },
    );
    const da = relu.backward(dh);
    backward('relu', 'ReLU stops the gradient where its input was not positive.', 'da = dh where a > 0, else 0', {
      a: matrix(da),
    });
    const dx = affine1.backward(da);
    backward(
      'affine1',
      'The first layer, and we are through: every weight knows which way to go.',
      'dW₁ = xᵀ · da\ndb₁ = da\ndx = da · W₁ᵀ',
      { W1: matrix(affine1.dW), b1: matrix(affine1.db), x: matrix(dx) },
    );
    for (const part of [affine1, relu, affine2, criterion]) part.dispose();
    return steps;
  },
};
