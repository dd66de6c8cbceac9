import { AddLayer, MulLayer } from 'simdgrad';
import { short } from '../format.js';
import { type Example, type Field, type GraphEdge, node, type Step } from './example.js';

/** Near the input, where edges that meet in a node are still apart. */
const NEAR = { wide: 0.34, narrow: 0.2 };
const MIDDLE = { wide: 0.5, narrow: 0.5 };

function edge(id: string, from: string, to: string, label: GraphEdge['label'] = MIDDLE): GraphEdge {
  return { id, from, to, label };
}

/** With these, numbers beside each other in the graph have room, on a telephone too. */
const AMOUNT = { min: 0, max: 100, decimals: 0 };
const PRICE = { min: 0, max: 1000, decimals: 2 };

const apples: Field = { id: 'apples', label: 'Apples', value: 2, step: 1, ...AMOUNT };
const applePrice: Field = { id: 'apple-price', label: 'Price of an apple', value: 100, step: 10, ...PRICE };
const oranges: Field = { id: 'oranges', label: 'Oranges', value: 3, step: 1, ...AMOUNT };
const orangePrice: Field = { id: 'orange-price', label: 'Price of an orange', value: 150, step: 10, ...PRICE };
const tax: Field = { id: 'tax', label: 'Tax factor', value: 1.1, step: 0.05, min: 0, max: 2, decimals: 2 };

function forward(at: string, text: string, formula: string, values: Record<string, number>): Step {
  return { phase: 'forward', node: at, text, formula, values: lines(values), gradients: {} };
}

function backward(at: string, text: string, formula: string, gradients: Record<string, number>): Step {
  return { phase: 'backward', node: at, text, formula, values: {}, gradients: lines(gradients) };
}

function lines(numbers: Record<string, number>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(numbers).map(([id, value]) => [id, [short(value)]]));
}

const product = (a: number, b: number, result: number) => `${short(a)} × ${short(b)} = ${short(result)}`;

function begin(at: string): Step {
  return backward(at, 'Now the way back: how much does the total change with the total? One to one.', 'd total = 1', {
    total: 1,
  });
}

/** The book's first graph (5.1.1, 5.4.1): apples × price × tax. */
export const appleExample: Example = {
  lead: 'What do the apples cost with tax, and how would the total change with each number?',
  size: { wide: [780, 330], narrow: [340, 480] },
  fields: [apples, applePrice, tax],
  nodes: [
    node('apples', 'input', 'apples', [80, 60], [60, 40]),
    node('apple-price', 'input', 'price', [80, 165], [170, 40]),
    node('tax', 'input', 'tax', [80, 270], [280, 40]),
    node('cost', 'operation', '×', [300, 112], [115, 190]),
    node('taxed', 'operation', '×', [510, 190], [190, 320]),
    node('result', 'output', 'total', [700, 190], [190, 440]),
  ],
  edges: [
    edge('apples', 'apples', 'cost', NEAR),
    edge('apple-price', 'apple-price', 'cost', NEAR),
    edge('cost', 'cost', 'taxed'),
    edge('tax', 'tax', 'taxed', NEAR),
    edge('total', 'taxed', 'result'),
  ],
  trace(input) {
    const [n, price, factor] = [input.apples!, input['apple-price']!, input.tax!];
    const cost = new MulLayer();
    const taxed = new MulLayer();
    const apple = cost.forward(price, n);
    const total = taxed.forward(apple, factor);
    const [dApple, dTax] = taxed.backward(1);
    const [dPrice, dN] = cost.backward(dApple);
    return [
      forward('cost', 'The layer multiplies, and keeps both numbers for the way back.', product(price, n, apple), {
        apples: n,
        'apple-price': price,
        cost: apple,
      }),
      forward('taxed', 'A second layer of the same kind adds the tax.', product(apple, factor, total), {
        tax: factor,
        total,
      }),
      begin('result'),
      backward(
        'taxed',
        'Backward through ×: what comes in, times the other input.',
        `d cost = 1 × ${short(factor)} = ${short(dApple)}\nd tax = 1 × ${short(apple)} = ${short(dTax)}`,
        { cost: dApple, tax: dTax },
      ),
      backward(
        'cost',
        `The same once more, and every input knows its weight: one more in the price adds ${short(dPrice)} to the total.`,
        `d price = ${product(dApple, n, dPrice)}\nd apples = ${product(dApple, price, dN)}`,
        { 'apple-price': dPrice, apples: dN },
      ),
    ];
  },
};

/** The book's second graph (5.4.2): apples and oranges. */
export const orangeExample: Example = {
  lead: 'Two kinds of fruit: now the graph has a sum in it, which hands its gradient on unchanged.',
  size: { wide: [820, 470], narrow: [350, 600] },
  fields: [apples, applePrice, oranges, orangePrice, tax],
  nodes: [
    node('apples', 'input', 'apples', [80, 50], [34, 40]),
    node('apple-price', 'input', 'price', [80, 140], [104, 40]),
    node('oranges', 'input', 'oranges', [80, 330], [246, 40]),
    node('orange-price', 'input', 'price', [80, 240], [175, 40]),
    node('tax', 'input', 'tax', [80, 420], [318, 40]),
    node('apple', 'operation', '×', [270, 95], [69, 180]),
    node('orange', 'operation', '×', [270, 285], [210, 180]),
    node('sum', 'operation', '+', [430, 190], [140, 310]),
    node('taxed', 'operation', '×', [590, 250], [210, 430]),
    node('result', 'output', 'total', [750, 250], [210, 555]),
  ],
  edges: [
    edge('apples', 'apples', 'apple', NEAR),
    edge('apple-price', 'apple-price', 'apple', NEAR),
    edge('orange-price', 'orange-price', 'orange', NEAR),
    edge('oranges', 'oranges', 'orange', NEAR),
    edge('apple', 'apple', 'sum'),
    edge('orange', 'orange', 'sum'),
    edge('sum', 'sum', 'taxed'),
    edge('tax', 'tax', 'taxed', { wide: 0.35, narrow: 0.2 }),
    edge('total', 'taxed', 'result'),
  ],
  trace(input) {
    const [a, aPrice, factor] = [input.apples!, input['apple-price']!, input.tax!];
    const [o, oPrice] = [input.oranges!, input['orange-price']!];
    const [apple, orange, sum, taxed] = [new MulLayer(), new MulLayer(), new AddLayer(), new MulLayer()];
    const appleCost = apple.forward(aPrice, a);
    const orangeCost = orange.forward(oPrice, o);
    const both = sum.forward(appleCost, orangeCost);
    const total = taxed.forward(both, factor);
    const [dBoth, dTax] = taxed.backward(1);
    const [dApple, dOrange] = sum.backward(dBoth);
    const [dOPrice, dO] = orange.backward(dOrange);
    const [dAPrice, dA] = apple.backward(dApple);
    return [
      forward('apple', 'The apples.', product(aPrice, a, appleCost), {
        apples: a,
        'apple-price': aPrice,
        apple: appleCost,
      }),
      forward('orange', 'The oranges.', product(oPrice, o, orangeCost), {
        oranges: o,
        'orange-price': oPrice,
        orange: orangeCost,
      }),
      forward(
        'sum',
        'An AddLayer has nothing to keep.',
        `${short(appleCost)} + ${short(orangeCost)} = ${short(both)}`,
        { sum: both },
      ),
      forward('taxed', 'And the tax on everything.', product(both, factor, total), { tax: factor, total }),
      begin('result'),
      backward(
        'taxed',
        'Backward through ×: what comes in, times the other input.',
        `d sum = 1 × ${short(factor)} = ${short(dBoth)}\nd tax = 1 × ${short(both)} = ${short(dTax)}`,
        { sum: dBoth, tax: dTax },
      ),
      backward('sum', 'Backward through +: the gradient goes to both inputs as it is.', `d = ${short(dApple)}`, {
        apple: dApple,
        orange: dOrange,
      }),
      backward(
        'orange',
        'To the oranges: times the other input.',
        `d price = ${product(dOrange, o, dOPrice)}\nd oranges = ${product(dOrange, oPrice, dO)}`,
        { 'orange-price': dOPrice, oranges: dO },
      ),
      backward(
        'apple',
        'And to the apples. Every input has its gradient.',
        `d price = ${product(dApple, a, dAPrice)}\nd apples = ${product(dApple, aPrice, dA)}`,
        { 'apple-price': dAPrice, apples: dA },
      ),
    ];
  },
};
