import { families } from './index';
import { compare } from './support/compare';
import type { Case } from './support/contender';
import { load } from './support/library';
import { OURS } from './support/names';
import { readArguments } from './support/options';
import { Roof } from './support/roof';
import { significant } from './support/table';

/**
 * How many times faster than plain JavaScript we must be, in the same rounds. The machine's mood moves both, so a floor is
 * about 40 % of the lowest of several runs on Node 20 and 24 (two virtual CPUs of a Zen 5): there a kernel that takes three times
 * as long falls through it. On a machine where the plain loops are slower, as a shared Zen 3, it may take five times as long.
 * The last two are of calls so short that one run in five is a third of the best.
 */
const FLOORS: Record<string, number> = {
  'gemm 64×64×64': 4.5,
  'gemm 256×256×256': 5.5,
  'gemm 256×256×256 NT': 6,
  'gemm 256×256×256 TN': 5.5,
  'gemm 100×784×50': 5,
  'gemv 1×784×512': 2.8,
  'sgemm 64×64×64': 5,
  'relu 10000': 2,
  'sigmoid 10000': 7,
  'tanh 10000': 6.4,
  'exp 10000': 6,
  'log 10000': 2.6,
  'softmax 128×1000': 7,
  'softmax_cross_entropy 128×1000': 3.5,
  'sum 128×1024 axis 0': 6,
  'sgd 10000': 1.6,
  'training step 784-50-10 batch 100': 4.5,
  'training step 2-3-2 batch 32': 0.3,
  'small relu of 4': 0.05,
};
const ATTEMPTS = 3;

readArguments(
  'npm run bench:guard: fails where we are no longer some times faster than plain JavaScript; no options',
  {},
);

const simdgrad = await load();
const { simd } = simdgrad.backendInfo();
const libraries = new Map([[OURS, simdgrad]]);
const roof = new Roof(simd);
const failures: string[] = [];
const missing = new Set(Object.keys(FLOORS));

for (const { name, cases } of Object.values(families).flat()) {
  for (const make of cases) {
    const work = make();
    const title = `${name} ${work.shape}`;
    const floor = FLOORS[title];
    if (floor === undefined) continue;
    missing.delete(title);
    const failure = check(title, name, work, floor);
    if (failure) failures.push(failure);
  }
}
for (const title of missing) failures.push(`${title}: no bench has this name`);
if (failures.length > 0) {
  console.error(`\nbench:guard, ${simd}:\n${failures.map((line) => `  ${line}`).join('\n')}`);
  process.exitCode = 1;
}

/** What is wrong; measured again before it counts. */
function check(title: string, name: string, work: Case, floor: number): string | undefined {
  let best = 0;
  for (let attempt = 0; attempt < ATTEMPTS && best < floor; attempt++) {
    for (const row of compare(name, work, libraries, roof, 5)) {
      if (row.wrong !== undefined) return `${title}: ${row.contender} is wrong: ${row.wrong}`;
      if (row.contender === OURS) best = Math.max(best, row.overJs ?? 0); // not another way to do the same
    }
  }
  const result = `${significant(best)} times plain JavaScript, at least ${floor} wanted`;
  console.log(`${best >= floor ? 'ok      ' : 'TOO SLOW'} ${title.padEnd(36)} ${result}`);
  return best >= floor ? undefined : `${title}: ${result}`;
}
