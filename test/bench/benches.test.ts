import * as simdgrad from 'simdgrad';
import { describe, expect, test } from 'vitest';
import { families } from '../../bench/index';
import { shapesWith } from '../../bench/support/options';

const benches = Object.values(families).flat();

test.each([
  ['', '64×64×64', true],
  ['', '10000', true],
  ['', '2-3-2 batch 1', true],
  ['8x784x512', '8×784×512', true],
  ['8x784x512', '128×784×512', false],
  ['64x64', '64×64×64', true],
  ['1000', '10000', false],
  ['batch 1', '2-3-2 batch 1', true],
  ['batch 1', '784-50-10 batch 100', false],
  ['NT', '1×784×512 NT', true],
  ['axis 0', '128×1024 axis 0', true],
  ['1024 axis', '128×1024 axis 0', true],
  ['+', '100×100 + 100×100', true],
])('--shape %j of %j: %j', (text, shape, wanted) => {
  expect(shapesWith(text)(shape)).toBe(wanted);
});

describe.each(benches)('bench $name', ({ name, cases, more }) => {
  test('all who take part in its short run give the right answer', () => {
    for (const make of name === 'forms' ? more : cases) {
      const work = make();
      const contenders = { simdgrad: work.simdgrad(simdgrad), ...work.others?.(simdgrad), js: work.js?.() };
      for (const [who, contender] of Object.entries(contenders)) {
        if (contender === undefined) continue;
        contender.run();
        expect(work.check(contender.result()), `${work.shape}, ${who}`).toBeUndefined();
      }
      contenders.simdgrad.copy?.run();
      for (const contender of Object.values(contenders)) contender?.dispose?.();
    }
  });
});
