import { availableParallelism } from 'node:os';
import arithmetic from '../elementwise/arithmetic.bench';
import relu from '../elementwise/relu.bench';
import sigmoid from '../elementwise/sigmoid.bench';
import tanh from '../elementwise/tanh.bench';
import forms, { FORMS } from '../gemm/forms.bench';
import gemm, { type Product } from '../gemm/gemm.bench';
import gemv from '../gemm/gemv.bench';
import sgemm from '../gemm/sgemm.bench';
import loss from '../loss/softmax_cross_entropy.bench';
import sgd from '../optim/sgd.bench';
import softmax from '../softmax/softmax.bench';
import type { Case } from '../support/contender';
import small, { calls } from '../tensor/small.bench';
import step from '../train/step.bench';

/** A line of work; each group runs in a process of its own. */
export interface Work {
  operation: string;
  make: () => Case;
  /** Its roof is a copy of as many bytes, or a loop that reads them. */
  memoryBound?: true;
  /** More than one; then it has no roof, which is of one thread. */
  threads?: number;
}

/** Threads of the group of that name: as many as there are cores, from 2 to 4, which most machines of users have. */
const THREADS = Math.max(2, Math.min(4, availableParallelism()));

const product = (size: Product): Work => ({ operation: 'matmul', make: () => gemm.make(size) });
const square = (n: number, form?: 'NT' | 'TN') => product({ m: n, k: n, n, ...(form && { form }) });
const of = <S>(operation: string, bench: { make(size: S): Case }, sizes: S[]): Work[] =>
  sizes.map((size) => ({ operation, make: () => bench.make(size) }));
const memoryBound = (work: Work[]): Work[] => work.map((line) => ({ ...line, memoryBound: true }));
const million: [number, number] = [1000, 1000];

export const groups: Record<string, Work[]> = {
  matmul: [64, 128, 256, 512].map((n) => square(n)),
  'matmul 1024': [square(1024)],
  'matmul 2048': [square(2048)],
  products: [
    product({ m: 100, k: 784, n: 50 }),
    product({ m: 128, k: 784, n: 512 }),
    product({ m: 1, k: 784, n: 512 }),
    product({ m: 4, k: 784, n: 512 }),
    product({ m: 32, k: 4096, n: 1024 }),
    square(512, 'NT'),
    square(512, 'TN'),
  ],
  forms: of('forms', forms, FORMS),
  'one row': memoryBound(
    of('one row', gemv, [
      { k: 784, n: 512 },
      { k: 784, n: 512, form: 'NT' },
      { k: 4096, n: 1024 },
      { k: 784, n: 128, fromMemory: true },
      { k: 784, n: 512, fromMemory: true },
      { k: 784, n: 512, form: 'NT', fromMemory: true },
      { k: 4096, n: 1024, fromMemory: true },
    ]),
  ),
  sgemm: of('sgemm', sgemm, [
    ...[2, 3, 4, 8, 16, 32, 64, 128, 256, 512].map((n) => ({ m: n, k: n, n })),
    { m: 1, k: 50, n: 1 },
    { m: 1, k: 400, n: 1 },
    { m: 8, k: 1, n: 8 },
    { m: 1, k: 1, n: 64 },
    { m: 64, k: 1, n: 1 },
    // The least work: hardly more than the checks.
    { m: 1, k: 1, n: 1 },
    { m: 2, k: 1, n: 1 },
    { m: 1, k: 2, n: 1 },
    { m: 1, k: 3, n: 1 },
    { m: 1, k: 1, n: 3 },
    { m: 3, k: 2, n: 1 },
    { m: 1, k: 2, n: 4 },
    { m: 1, k: 5, n: 1 },
    { m: 5, k: 2, n: 5 },
    { m: 3, k: 16, n: 1 },
    { m: 1, k: 1, n: 20 },
  ]),
  elementwise: [
    ...memoryBound([
      ...of('relu', relu, [10_000, 1_000_000]),
      ...of('add', arithmetic, [{ op: 'add', a: million, b: million } as const]),
      ...of('mul', arithmetic, [{ op: 'mul', a: million, b: million } as const]),
      ...of('sgd', sgd, [1_000_000]),
    ]),
    ...of('sigmoid', sigmoid, [10_000, 1_000_000]),
    ...of('tanh', tanh, [10_000, 1_000_000]),
  ],
  softmax: [
    ...of('softmax', softmax, [
      [128, 10],
      [128, 1000],
      [1024, 4096],
    ]),
    ...of('softmax + loss', loss, [
      [100, 10],
      [128, 1000],
    ]),
  ],
  // Theirs who have threads in Node, with as many as we.
  threads: [square(512), square(1024), product({ m: 128, k: 784, n: 512 })]
    .concat(of('training step', step, [{ sizes: [784, 1024, 1024, 10], batch: 128 }]))
    .map((work) => ({ ...work, operation: `${work.operation}, ${THREADS} threads`, threads: THREADS })),
  training: of('training step', step, [{ sizes: [784, 50, 10], batch: 100 }]),
  'large training': of('training step', step, [{ sizes: [784, 1024, 1024, 10], batch: 128 }]),
  small: [
    // A call with `out` or in a layer.
    ...of(
      'call',
      small,
      calls.filter(({ op }) => op !== 'add into a new tensor'),
    ),
    ...of('training step', step, [
      { sizes: [2, 3, 2], batch: 1, times: 20 },
      { sizes: [2, 3, 2], batch: 32, times: 20 },
    ]),
  ],
};
