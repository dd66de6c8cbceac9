import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  AddLayer,
  Affine,
  accuracy,
  add,
  argmax,
  backendInfo,
  concat,
  crossEntropy,
  type Layer,
  MulLayer,
  matmul,
  max,
  neg,
  Random,
  ReLU,
  Sequential,
  SGD,
  Sigmoid,
  SoftmaxWithLoss,
  slice,
  softmax,
  sum,
  sumTo,
  Tensor,
  take,
  tensor,
  tidy,
  transpose,
  zeros,
} from '../src/index';
import { live, normalTensor, pages } from './support/facade';

test('100,000 training steps, plain-array labels, batches of 100 and 1000 in turns: 0 pages, 0 bytes', () => {
  const none = live();
  const rng = new Random(1);
  const net = new Sequential([Affine.init(2, 3, { rng }), new ReLU(), Affine.init(3, 2, { rng })]);
  const criterion = new SoftmaxWithLoss();
  const optimizer = new SGD(net.parameters(), { learningRate: 0.01 });
  const batches = [100, 1000].map((n, i) => ({
    x: normalTensor([n, 2], i),
    t: Array.from({ length: n }, (_, row) => row % 2),
  }));
  const step = ({ x, t }: (typeof batches)[number]): number => {
    const loss = criterion.forward(net.forward(x), t);
    net.backward(criterion.backward());
    optimizer.step();
    return loss;
  };
  for (const batch of batches) step(batch);
  const before = { live: live(), pages: pages() };
  let loss = 0;
  for (let i = 0; i < 100_000; i++) loss = step(batches[i % 2]);
  expect({ live: live(), pages: pages() }).toEqual(before);
  expect(Number.isFinite(loss)).toBe(true);
  for (const owner of [net, criterion, optimizer]) owner.dispose();
  for (const { x } of batches) x.dispose();
  expect(live()).toBe(none);
}, 300_000);

describe('nothing is left behind', () => {
  const rng = new Random(2);
  const x = [
    [1, 2],
    [3, 4],
  ];
  const cube = [x, x];

  test.each<[string, () => Tensor | ArrayLike<number> | number]>([
    ['add', () => add(x, [5, 6])],
    ['add of a column and a row', () => add([[1], [2]], [3, 4])],
    ['neg', () => neg(x)],
    ['softmax', () => softmax(x)],
    ['sum', () => sum(x, { axis: 0 })],
    ['sum over axes apart', () => sum(cube, { axis: [0, 2] })],
    ['max over axes apart', () => max(cube, { axis: [0, 2] })],
    ['argmax', () => argmax(x, { axis: 1 })],
    ['sumTo', () => sumTo(x, [2, 1])],
    ['sumTo of axes apart', () => sumTo(cube, [1, 2, 1])],
    ['matmul', () => matmul(x, x)],
    ['take', () => take(x, [1, 0])],
    ['transpose', () => transpose(x)],
    ['transpose, reordered', () => transpose(cube, [1, 0, 2])],
    ['concat', () => concat([x, x])],
    ['slice', () => slice(x, 1)],
    ['crossEntropy', () => crossEntropy(x, [0, 1])],
    ['accuracy', () => accuracy(x, x)],
    ['add into an array', () => add(x, x, { out: new Float32Array(4) })],
    ['matmul into an array', () => matmul(x, x, { out: new Float32Array(4) })],
  ])('%s of arrays: the result and no more, whose shape is frozen', (_name, call) => {
    const before = live();
    const result = call();
    if (result instanceof Tensor) {
      expect(live()).toBe(before + 4 * result.size);
      expect(Object.isFrozen(result.shape)).toBe(true);
      result.dispose();
    }
    expect(live()).toBe(before);
  });
  const creators: [string, () => Layer][] = [
    ['Affine', () => Affine.init(3, 3, { rng })],
    ['ReLU', () => new ReLU()],
    ['Sigmoid', () => new Sigmoid()],
    ['Sequential', () => new Sequential([Affine.init(3, 3, { rng }), new ReLU()])],
  ];

  test.each(creators)('%s: arrays in every place, sizes up and down, then dispose', (_name, create) => {
    const before = live();
    for (let round = 0; round < 3; round++) {
      const layer = create();
      for (const rows of [1, 100, 3, 50, 200]) {
        const x = Array.from({ length: rows }, () => [1, 2, 3]);
        layer.forward(x);
        tidy(() => {
          layer.predict(x);
        });
        layer.backward(x, { inputGrad: true });
        layer.forward(x);
        layer.backward(x, { accumulate: true });
      }
      layer.dispose();
      expect(live()).toBe(before);
    }
  });

  test('a loop of steps with arrays everywhere allocates nothing after the first round', () => {
    const net = new Sequential([Affine.init(2, 2, { rng }), new Sigmoid()]);
    const criterion = new SoftmaxWithLoss();
    const [add, mul] = [new AddLayer(), new MulLayer()];
    const round = () => {
      net.forward([[1, 2], Float32Array.of(3, 4)]);
      net.backward(
        [
          [1, 2],
          [3, 4],
        ],
        { inputGrad: true },
      );
      criterion.forward(
        [
          [1, 2],
          [3, 4],
        ],
        [
          [0, 1],
          [1, 0],
        ],
      );
      criterion.backward();
      add.forward([[1], [2]], [3, 4]);
      add.backward([
        [1, 1],
        [1, 1],
      ]);
      mul.forward([[1], [2]], [3, 4]);
      mul.backward([
        [1, 1],
        [1, 1],
      ]);
    };
    round();
    const before = { live: live(), pages: pages() };
    for (let i = 0; i < 2000; i++) round();
    expect({ live: live(), pages: pages() }).toEqual(before);
    for (const owner of [net, criterion, add, mul]) owner.dispose();
  });

  test('using frees a whole network', () => {
    const before = live();
    {
      using net = new Sequential({ a: Affine.init(3, 3, { rng }), s: new Sigmoid() });
      using criterion = new SoftmaxWithLoss();
      using optimizer = new SGD(net.parameters(), { learningRate: 1 });
      criterion.forward(net.forward([[1, 2, 3]]), [0]);
      net.backward(criterion.backward());
      optimizer.step();
    }
    expect(live()).toBe(before);
  });

  test('100,000 short-lived tensors with dispose, on one spot', () => {
    const before = pages();
    for (let i = 0; i < 100_000; i++) {
      const t = zeros([i % 100]);
      t.dispose();
    }
    expect(pages()).toBe(before);
  });
});

describe('forgotten tensors', () => {
  /** Runs `body` (the body of an async function with the library as `sg`) in a Node with gc(), and gives its output. */
  function run(body: string): string {
    const entry = fileURLToPath(new URL('../src/index.ts', import.meta.url));
    const script = `
      import { build } from 'esbuild';
      const { outputFiles } = await build({ entryPoints: [${JSON.stringify(entry)}], bundle: true, format: 'esm', write: false, platform: 'neutral', mainFields: ['module', 'main'] });
      const sg = await import('data:text/javascript;base64,' + Buffer.from(outputFiles[0].contents).toString('base64'));
      const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
      const collect = async () => { for (let i = 0; i < 10; i++) { gc(); await turn(); } };
      const live = () => sg.backendInfo().memory.live;
      ${body}`;
    return execFileSync(process.execPath, ['--expose-gc', '--input-type=module', '-e', script], {
      encoding: 'utf8',
      cwd: fileURLToPath(new URL('..', import.meta.url)),
    });
  }

  test('are reclaimed by the garbage collector between turns; handles that live keep their memory', () => {
    const output = run(`
      const kept = sg.zeros([1000]).reshape([10, 100]);
      const relu = new sg.ReLU();
      const held = (() => { const r = new sg.ReLU(); return r.forward(new Array(50).fill(1)); })();
      (() => { for (let i = 0; i < 200; i++) { sg.zeros([1000]); sg.zeros([10]).reshape([2, 5]); new sg.ReLU().forward([1, 2, 3]); } })();
      const before = live();
      await collect();
      const after = live();
      kept.set(new Float32Array(1000).fill(3));
      relu.forward([1]);
      console.log(JSON.stringify({ before, after, kept: kept.toTypedArray().every((v) => v === 3), held: held.toTypedArray().every((v) => v === 1) }));
      // Disposed by hand first: the finalizer must not free it again.
      (() => { for (let i = 0; i < 50; i++) sg.zeros([7]).dispose(); })();
      await collect();
      console.log(live() - after);`);
    const [first, second] = output.trim().split('\n');
    const { before, after, kept, held } = JSON.parse(first);
    expect(before).toBeGreaterThan(800_000);
    expect(after).toBe(4000 + 200);
    expect([kept, held]).toEqual([true, true]);
    expect(Number(second)).toBe(8);
  });

  test('an init while finalizers are pending does not break the new memory', () => {
    const output = run(`
      (() => { for (let i = 0; i < 100; i++) sg.zeros([0]); })();
      await sg.init({ simd: 'baseline' });
      const t = sg.tensor([1, 2, 3]);
      await collect();
      const u = sg.tensor([4, 5, 6]);
      console.log(JSON.stringify([t.toArray(), u.toArray()]));`);
    expect(JSON.parse(output)).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
  });
});

test('posting a view posts the whole memory, which is why toTypedArray exists', () => {
  const t = tensor([1, 2, 3]);
  expect(structuredClone(t.data).buffer.byteLength).toBe(backendInfo().memory.bytes);
  expect(structuredClone(t.toTypedArray()).buffer.byteLength).toBe(12);
});
