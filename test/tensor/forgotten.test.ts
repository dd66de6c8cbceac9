import { expect, test } from 'vitest';
import { neg, type Tensor, zeros } from '../../src/index';
import { inFirefox } from '../support/engines';
import { live } from '../support/facade';

test('whatever the order and the turn in which tensors are given back, each is given back once', async () => {
  const before = live();
  const made: Tensor[] = [];
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 7; i++) made.push(zeros([i + 1, 5]));
    // Some of this turn, first, last and in between, and some that have seen the end of a turn.
    for (const at of [made.length - 1, 0, made.length >> 1, 2]) {
      const [t] = made.splice(at, 1);
      t?.dispose();
      t?.dispose();
    }
    await Promise.resolve();
  }
  const bytes = made.reduce((sum, t) => sum + t.size * 4, 0);
  expect(live()).toBe(before + bytes);
  for (const t of made) t.dispose();
  expect(live()).toBe(before);
});

test('a loop that disposes what it makes queues no more than one end of the turn', async () => {
  const x = zeros([3]);
  await Promise.resolve(); // x is registered, and each temporary the only young one
  await Promise.resolve();
  const original = Promise.prototype.then;
  let queued = 0;
  // biome-ignore lint/suspicious/noThenProperty: counts what the loop queues
  Promise.prototype.then = new Proxy(original, {
    apply(target, promise, args) {
      queued++;
      return Reflect.apply(target, promise, args);
    },
  });
  try {
    for (let i = 0; i < 100; i++) neg(x).dispose();
  } finally {
    // biome-ignore lint/suspicious/noThenProperty: back to what it was
    Promise.prototype.then = original;
  }
  expect(queued).toBe(1);
  x.dispose();
});

test('a tensor frozen with all that it holds can be read, and the turn ends for the others, too', async () => {
  const frozen = zeros([3]);
  for (const object of [frozen, frozen.storage]) Object.freeze(object);
  const before = live();
  const other = zeros([5]);
  await Promise.resolve();
  await Promise.resolve();
  expect(other.storage.young).toBe(-1);
  other.dispose();
  expect(live()).toBe(before);
  expect(frozen.toArray()).toEqual([0, 0, 0]);
});

test('of 3 GB that turns leave behind, most is collected before the next ones come', async () => {
  let most = 0;
  for (let i = 0; i < 300; i++) {
    zeros([2_500_000]);
    most = Math.max(most, live());
    await new Promise((resolve) => setTimeout(resolve));
  }
  // Firefox collects in slices, which take as long as 100 of these turns.
  expect(most).toBeLessThan(inFirefox ? 2_000_000_000 : 500_000_000);
});

test('what is given back in a later turn does not ask for a collection', async () => {
  const original = globalThis.ArrayBuffer;
  let asked = 0;
  globalThis.ArrayBuffer = new Proxy(original, {
    construct(target, args, newTarget) {
      if (args[0] >= 2 ** 25) asked++;
      return Reflect.construct(target, args, newTarget);
    },
  });
  try {
    // The last time, after others that were given back when a collection had been asked for on their account.
    for (const keep of [false, true, true]) {
      asked = 0;
      const made: Tensor[] = [];
      for (let i = 0; i < 30; i++) {
        const t = zeros([1_000_000]);
        await Promise.resolve();
        await Promise.resolve();
        if (keep) made.push(t);
        else t.dispose();
      }
      expect(asked).toBe(keep ? 3 : 0); // of 9 tensors each
      for (const t of made) t.dispose();
    }
  } finally {
    globalThis.ArrayBuffer = original;
  }
});
