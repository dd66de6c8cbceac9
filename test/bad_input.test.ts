import { describe, expect, test } from 'vitest';
import * as sg from '../src/index';
import {
  AddLayer,
  Affine,
  MulLayer,
  Parameter,
  Random,
  ReLU,
  Sequential,
  SGD,
  Sigmoid,
  SimdgradError,
  SoftmaxWithLoss,
  Tensor,
  tensor,
  tidy,
  zeros,
} from '../src/index';
import { DETACH } from './support/detach';
import { live, normalTensor } from './support/facade';

/**
 * Every bad value in every argument of every public function: always a TypeError, a RangeError or an error of ours, whose
 * message begins with the function's name; memory is untouched, and the next good call gives what it gave before.
 */

const sideEffects: string[] = [];

/** Things that are wrong nearly everywhere. Where one is right after all, the kind of the argument says so. */
function badValues(): [label: string, value: unknown][] {
  const disposed = zeros([2]);
  disposed.dispose();
  const relu = new ReLU();
  const stale = relu.forward([1, 2]);
  relu.forward([1, 2]);
  const withheld = relu.backward([1, 2], { inputGrad: false });
  const detached = new Float32Array(2);
  structuredClone(detached.buffer, { transfer: [detached.buffer] });
  const tracking = new (ArrayBuffer as unknown as new (n: number, o: object) => ArrayBuffer)(8, { maxByteLength: 16 });
  return [
    ['NaN', Number.NaN],
    ['Infinity', Infinity],
    ['-Infinity', -Infinity],
    ['-1', -1],
    ['-0', -0],
    ['0.5', 0.5],
    ['2^31', 2 ** 31],
    ['2^32', 2 ** 32],
    ['2^32 + 4', 2 ** 32 + 4],
    ['2^53', 2 ** 53],
    ["'5'", '5'],
    ["''", ''],
    ['null', null],
    ['undefined', undefined],
    ['[]', []],
    ['{}', {}],
    ['true', true],
    ['1n', 1n],
    ['a symbol', Symbol('bad')],
    ['a function', () => 1],
    ['a date', new Date(0)],
    [
      'an object with valueOf',
      { valueOf: () => sideEffects.push('valueOf'), toString: () => String(sideEffects.push('toString')) },
    ],
    ['an object without prototype', Object.create(null)],
    ['an array-like', { length: 2, 0: 1, 1: 2 }],
    ['a String', new String('5')],
    ['a Number', new Number(5)],
    ['a Map', new Map([[0, 1]])],
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a DataView', new DataView(new ArrayBuffer(8))],
    ['a BigInt64Array', new BigInt64Array(2)],
    ['a detached view', detached],
    ['a length-tracking view', new Float32Array(tracking)],
    ['a shared view', new Float32Array(new SharedArrayBuffer(8))],
    ['a Float64Array', new Float64Array(2)],
    ['a proxy of an array', new Proxy([1, 2], {})],
    ['[null]', [null]],
    ["['1']", ['1']],
    ['[1n]', [1n]],
    ['[symbol]', [Symbol('inside')]],
    ['[NaN]', [Number.NaN]],
    ['[-1]', [-1]],
    ['[0.5]', [0.5]],
    ['[2^32]', [2 ** 32]],
    ['ragged', [[1, 2], [3]]],
    ['a hole', Object.assign(new Array(2), { 0: 1 })],
    ['a disposed tensor', disposed],
    ['a stale tensor', stale],
    ['a withheld gradient', withheld],
    ['a lookalike', { shape: [2], size: 2, rank: 1, storage: { offset: 0 }, generation: 0 }],
    ['a Parameter', new Parameter('p', zeros([2]))],
    ['a layer', new ReLU()],
  ];
}

type Kind = (value: unknown) => boolean;

const isView = (v: unknown): v is Float32Array =>
  ArrayBuffer.isView(v) && !(v instanceof DataView) && !(v instanceof BigInt64Array);
const every = (v: unknown, f: (item: unknown) => boolean): boolean => Array.isArray(v) && Array.from(v).every(f);
const isNumber = (v: unknown): v is number => typeof v === 'number';
const readable = (v: unknown): boolean => {
  try {
    return v instanceof Tensor && v.data.length >= 0;
  } catch {
    return false;
  }
};
const optional =
  (kind: Kind): Kind =>
  (v) =>
    v === undefined || kind(v);

/** What an argument may be. A value that fits may still be refused (for its shape, say); one that does not, must. */
const dimension: Kind = (v) => typeof v === 'number' && v >>> 0 === v;

const kinds = {
  data: (v: unknown) => isNumber(v) || readable(v) || every(v, isNumber) || (isView(v) && v.length > 0),
  tensor: readable,
  number: isNumber,
  finite: (v: unknown) => isNumber(v) && Number.isFinite(v),
  notNegative: (v: unknown) => isNumber(v) && v >= 0 && v < Infinity,
  positive: (v: unknown) => isNumber(v) && v > 0 && v < Infinity,
  integer: Number.isInteger,
  index: (v: unknown) => Number.isInteger(v) && (v as number) >= 0,
  dimension,
  shape: (v: unknown): boolean =>
    dimension(v) || every(v, dimension) || (isView(v) && v.length > 0 && Array.from(v).every(dimension)),
  axis: (v: unknown) => Number.isInteger(v) && Math.abs(v as number) <= 1,
  boolean: (v: unknown) => typeof v === 'boolean',
  options: (v: unknown) => typeof v === 'object' && v !== null && !Array.isArray(v) && Object.keys(v).length === 0,
  indices: (v: unknown) => every(v, dimension) || (isView(v) && v.length > 0),
  labels: (v: unknown) => readable(v) || every(v, dimension) || (isView(v) && v.length > 0),
  callable: (v: unknown) => typeof v === 'function',
  string: (v: unknown) => typeof v === 'string',
  never: () => false,
} satisfies Record<string, Kind>;

interface Call {
  /** Runs with these arguments; layers are made anew in it, or live as long as the test. */
  run: (...args: never[]) => unknown;
  good: unknown[];
  args: Kind[];
  /** Other beginnings of a message: a function or layer that does the work. */
  also?: string[];
}

/** Options: each key is an argument of its own, and the object as a whole is one too. */
function withOptions(
  f: (...args: never[]) => unknown,
  good: unknown[],
  args: Kind[],
  options: Record<string, [kind: Kind, good: unknown]>,
  also?: string[],
): Record<string, Call> {
  const whole: Call = {
    run: f,
    good: [...good, Object.fromEntries(Object.entries(options).map(([key, [, value]]) => [key, value]))],
    args: [...args, (v) => v === undefined || kinds.options(v)],
    also,
  };
  const calls: Record<string, Call> = { '': whole };
  for (const [key, [kind, value]] of Object.entries(options)) {
    const others = Object.fromEntries(Object.entries(options).map(([k, [, v]]) => [k, v]));
    calls[` {${key}}`] = {
      run: (v: never) => f(...(good as never[]), { ...others, [key]: v } as never),
      good: [value],
      args: [optional(kind)],
      also,
    };
  }
  return calls;
}

const out: [Kind, unknown] = [(v) => readable(v) || v instanceof Float32Array, undefined];
const x = () => [
  [1, -2],
  [3, 4],
];

function calls(): Record<string, Call> {
  const rng = new Random(1);
  const t = normalTensor([2, 2]);
  const affine = new Affine(normalTensor([2, 2], 2), [0, 0]);
  const net = new Sequential([
    new Affine(normalTensor([2, 3], 3), [0, 0, 0]),
    new ReLU(),
    new Affine(normalTensor([3, 2], 4), [0, 0]),
  ]);
  const parameter = new Parameter('p', zeros([2]));
  const optimizer = new SGD([parameter], { learningRate: 1 });
  const criterion = new SoftmaxWithLoss();
  const buffer = new sg.LayerBuffer('Mine.forward');
  const { data, shape, axis, boolean, labels, number } = kinds;
  const table: Record<string, Call | Record<string, Call>> = {};
  const exported = Object.entries(sg) as [string, Call['run']][];
  const exportOf = (name: string): Call['run'] => exported.find(([key]) => key === name)![1];

  for (const name of [
    'relu',
    'sigmoid',
    'tanh',
    'exp',
    'log',
    'sqrt',
    'neg',
    'abs',
    'softmax',
    'logSoftmax',
  ] as const) {
    table[name] = withOptions(exportOf(name), [x()], [data], { out });
  }
  for (const name of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum'] as const) {
    table[name] = withOptions(exportOf(name), [x(), x()], [data, data], { out });
  }
  for (const name of ['sum', 'mean', 'max', 'min'] as const) {
    const axes: Kind = (v) => axis(v) || every(v, axis);
    table[name] = withOptions(exportOf(name), [x()], [data], { axis: [axes, 1], keepDims: [boolean, true] });
  }
  table.argmax = withOptions(sg.argmax, [x()], [data], { axis: [axis, 1], keepDims: [boolean, true] });
  table.matmul = withOptions(sg.matmul, [x(), x()], [data, data], {
    transposeA: [boolean, true],
    transposeB: [boolean, false],
    out,
  });
  table.take = withOptions(sg.take, [x(), [1, 0]], [data, kinds.indices], { axis: [axis, 1], out });
  table.slice = withOptions(sg.slice, [x(), 0, 1], [data, kinds.integer, optional(kinds.integer)], {
    axis: [axis, 1],
  });
  table.concat = withOptions(sg.concat, [[x(), x()]], [(v) => every(v, data) && (v as unknown[]).length > 0], {
    axis: [axis, 1],
  });
  table.transpose = {
    run: sg.transpose,
    good: [x(), [1, 0]],
    args: [data, optional((v) => every(v, kinds.axis))],
  };
  table.sumTo = { run: sg.sumTo, good: [x(), [1, 2]], args: [data, shape] };
  table.crossEntropy = { run: sg.crossEntropy, good: [x(), [0, 1]], args: [data, labels] };
  table.accuracy = { run: sg.accuracy, good: [x(), [0, 1]], args: [data, labels] };
  table.tensor = { run: sg.tensor, good: [x(), [4]], args: [data, optional(shape)] };
  table.zeros = { run: sg.zeros, good: [[2]], args: [shape] };
  table.ones = { run: sg.ones, good: [[2]], args: [shape] };
  table.full = { run: sg.full, good: [[2], 3], args: [shape, number] };
  table.toTensor = {
    run: sg.toTensor,
    good: [x()],
    args: [(v) => data(v) || v instanceof Tensor],
    also: ['tensor'],
  };
  table.keep = { run: (v: Tensor) => sg.keep(v), good: [t], args: [(v) => v instanceof Tensor] };
  table.tidy = { run: sg.tidy, good: [() => 1], args: [kinds.callable] };
  table.setDebug = {
    run: sg.setDebug,
    good: [{ detachViews: DETACH }],
    args: [kinds.never],
  };
  table.numericalGradient = withOptions(sg.numericalGradient, [() => 1, t], [kinds.callable, kinds.tensor], {
    h: [kinds.positive, 0.1],
  });
  table.gradientCheck = withOptions(sg.gradientCheck, [() => 1, t, x()], [kinds.callable, kinds.tensor, data], {
    h: [kinds.positive, 0.1],
  });
  table.gradientCheckLayer = withOptions(
    sg.gradientCheckLayer,
    [affine, x()],
    [(v) => v instanceof ReLU, data],
    { labels: [labels, [0, 1]], seed: [kinds.index, 0], h: [kinds.positive, 0.1] },
    ['Random', 'Affine', 'SoftmaxWithLoss', 'ReLU'],
  );

  const floats: Kind = (v) => v instanceof Float32Array && v.length > 0;
  table.sgemm = withOptions(
    sg.sgemm,
    [2, 2, 2, new Float32Array(9).fill(1), new Float32Array(9).fill(2), new Float32Array(9)],
    [dimension, dimension, dimension, floats, floats, floats],
    {
      alpha: [number, 1],
      beta: [number, 0],
      transposeA: [boolean, true],
      transposeB: [boolean, false],
      lda: [dimension, 3],
      ldb: [dimension, 2],
      ldc: [dimension, 3],
      aOffset: [dimension, 1],
      bOffset: [dimension, 0],
      cOffset: [dimension, 1],
    },
  );

  const drawn = new Random(3);
  table.Random = { run: (seed: never) => new Random(seed), good: [5], args: [kinds.index] };
  table['Random.normal'] = withOptions((...args: [never]) => rng.normal(...args), [[2]], [shape], {
    mean: [kinds.finite, 0],
    std: [kinds.notNegative, 0],
  });
  table['Random.uniform'] = withOptions((...args: [never]) => rng.uniform(...args), [[2]], [shape], {
    low: [kinds.finite, 1],
    high: [kinds.finite, 1],
  });
  table['Random.permutation'] = {
    run: (n: never) => drawn.permutation(n),
    good: [1],
    args: [(v) => dimension(v) && (v as number) < 2 ** 31],
  };

  table['Tensor.set'] = {
    run: (v: never, offset: never) => void t.clone().set(v, offset),
    good: [[1], 0],
    args: [data, optional(kinds.index)],
  };
  table['Tensor.copyTo'] = {
    run: (v: never, offset: never) => t.copyTo(v, offset),
    good: [new Float32Array(9), 1],
    args: [isView, optional(kinds.index)],
  };
  table['Tensor.reshape'] = {
    run: (v: never) => t.reshape(v),
    good: [[4]],
    args: [(v) => shape(v) || every(v, Number.isInteger) || v === -1],
  };
  table.LayerBuffer = { run: (v: never) => new sg.LayerBuffer(v), good: ['X.forward'], args: [kinds.string] };
  table['Mine.forward'] = { run: (v: never) => buffer.get(v).shape, good: [[2]], args: [shape] };
  table.Parameter = {
    run: (name: never, v: never) => new Parameter(name, v),
    good: ['p', t],
    args: [kinds.string, kinds.tensor],
  };
  table['Parameter.accumulate'] = {
    run: (v: never) => {
      const p = new Parameter('q', parameter.value);
      p.accumulate(v);
      return p.grad!.toArray();
    },
    good: [[1, 2]],
    args: [data],
  };
  table.SGD = withOptions(
    (ps: never, o: never) => new SGD(ps, o),
    [[parameter]],
    [(v) => every(v, (p) => p instanceof Parameter)],
    { learningRate: [kinds.notNegative, 1] },
  );
  table.SGD[''].args[1] = kinds.never; // learningRate has no default
  table.SGD[' {learningRate}'].args[0] = kinds.notNegative;
  table['SGD: learningRate'] = {
    run: (v: never) => {
      optimizer.learningRate = v;
    },
    good: [1],
    args: [kinds.notNegative],
    also: ['SGD'],
  };

  table.Affine = {
    run: (W: never, b: never) => {
      using layer = new Affine(W, b);
      return layer.W.shape;
    },
    good: [x(), [0, 0]],
    args: [data, data],
  };
  table['Affine.init'] = withOptions(
    (fanIn: never, fanOut: never, o: never) => {
      using layer = Affine.init(fanIn, fanOut, o);
      return layer.W.shape;
    },
    [2, 3],
    [dimension, dimension],
    { rng: [(v) => v instanceof Random, rng], init: [kinds.notNegative, 0.1] },
    ['Random'],
  );
  table['Affine.init'][''].args[2] = kinds.never;
  table['Affine.init'][' {rng}'].args[0] = kinds.never;
  table['Affine.fromLinear'] = {
    run: (w: never, b: never) => {
      using layer = Affine.fromLinear(w, b);
      return layer.W.toArray();
    },
    good: [x(), [0, 0]],
    args: [data, (v) => v === undefined || v === null || data(v)],
  };

  for (const [name, layer] of Object.entries({
    Affine: affine,
    ReLU: new ReLU(),
    Sigmoid: new Sigmoid(),
    Sequential: net,
  })) {
    const also = name === 'Sequential' ? ['Affine', 'ReLU'] : undefined;
    table[`${name}.forward`] = { run: (v: never) => layer.forward(v).toArray(), good: [x()], args: [data], also };
    table[`${name}.predict`] = withOptions((v: never, o: never) => layer.predict(v, o), [x()], [data], { out }, also);
    table[`${name}.backward`] = withOptions(
      (v: never, o: never) => {
        layer.forward(x());
        const dx = layer.backward(v, o);
        return (o as { inputGrad?: boolean })?.inputGrad ? dx.toArray() : undefined;
      },
      [x()],
      [data],
      { inputGrad: [boolean, true], accumulate: [boolean, false] },
      also,
    );
  }
  table.Sequential = {
    run: (v: never) => new Sequential(v).parameters().length,
    good: [[new ReLU()]],
    args: [
      (v) => (kinds.options(v) && Object.getPrototypeOf(v) !== Map.prototype) || every(v, (l) => l instanceof ReLU),
    ],
  };
  for (const [name, layer] of Object.entries({ AddLayer: new AddLayer(), MulLayer: new MulLayer() })) {
    table[`${name}.forward`] = {
      run: (a: never, b: never) => {
        const y: unknown = layer.forward(a, b);
        return y instanceof Tensor ? y.toArray() : y;
      },
      good: [x(), x()],
      args: [data, data],
    };
    table[`${name}.backward`] = {
      run: (v: never) => {
        layer.forward(x(), x());
        return layer.backward(v as Tensor).map((d) => d.toArray());
      },
      good: [x()],
      args: [data],
    };
    table[`${name}.backward of numbers`] = {
      run: (v: never) => {
        layer.forward(1, 2);
        return layer.backward(v);
      },
      good: [1],
      args: [number],
      also: [`${name}.backward`],
    };
  }
  table.SoftmaxWithLoss = withOptions((o: never) => void new SoftmaxWithLoss(o), [], [], {
    epsilon: [kinds.notNegative, 0],
  });
  table['SoftmaxWithLoss.forward'] = {
    run: (a: never, b: never) => criterion.forward(a, b),
    good: [x(), [0, 1]],
    args: [data, labels],
  };
  table['SoftmaxWithLoss.backward'] = {
    run: (v: never) => {
      criterion.forward(x(), [0, 1]);
      return criterion.backward(v).toArray();
    },
    good: [2],
    args: [optional(number)],
  };

  const flat: Record<string, Call> = {};
  for (const [name, entry] of Object.entries(table)) {
    if ('run' in entry) flat[name] = entry as Call;
    else for (const [suffix, call] of Object.entries(entry)) flat[`${name}${suffix}`] = call;
  }
  return flat;
}

/** Comparable, whatever it is. */
function plain(value: unknown): unknown {
  if (value instanceof Tensor) return { shape: value.shape, values: value.toTypedArray() };
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== Object.prototype
    ? undefined
    : value;
}

const table = calls();
const witness = normalTensor([4096], 99);
const witnessed = witness.toTypedArray();

test('every function and class that is exported is in the table', () => {
  const covered = new Set(Object.keys(table).map((name) => name.split(/[ .:]/)[0]));
  const elsewhere = ['init', 'ready', 'backendInfo', 'Tensor', 'Optimizer']; // asynchronous, without arguments, abstract
  const missing = Object.entries(sg)
    .filter(
      ([name, value]) =>
        typeof value === 'function' && !/Error$/.test(name) && !covered.has(name) && !elsewhere.includes(name),
    )
    .map(([name]) => name);
  expect(missing).toEqual([]);
});

describe.each(Object.entries(table))('%s', (name, { run, good, args, also = [] }) => {
  const names = [name.split(/ \{| of /)[0], ...also];

  test.each(args.map((_, i) => i))('argument %i', (position) => {
    const once = plain(tidy(() => plain(run(...(good as never[])))));
    const before = { live: live(), sideEffects: sideEffects.length };
    for (const [label, value] of badValues()) {
      const withBad = good.with(position, value) as never[];
      const baseline = live();
      let thrown: unknown;
      try {
        tidy(() => {
          run(...withBad);
        });
      } catch (error) {
        thrown = error;
      }
      if (thrown === undefined) {
        if (!args[position](value)) expect.fail(`${name}: ${label} as argument ${position} was taken`);
        continue;
      }
      const { message } = thrown as Error;
      if (!(thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof SimdgradError)) {
        expect.fail(`${name}: ${label} as argument ${position} gave ${String(thrown)}`);
      }
      if (!names.some((prefix) => message.startsWith(prefix))) {
        expect.fail(
          `${name}: ${label} as argument ${position} gave a message that does not begin with the name: ${message}`,
        );
      }
      expect(live(), `${name}: ${label} as argument ${position} left memory behind`).toBeLessThanOrEqual(
        baseline + 4096,
      );
    }
    expect(sideEffects.length).toBe(before.sideEffects);
    // A good call still works, and gives what it gave.
    expect(plain(tidy(() => plain(run(...(good as never[])))))).toEqual(once);
  });
});

test('no call wrote where it should not', () => {
  expect(witness.toTypedArray()).toEqual(witnessed);
  expect(tensor([1, 2]).toArray()).toEqual([1, 2]);
});
