import { expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { OutOfMemoryError, tensor, zeros } from '../../src/index';
import { inFirefox } from '../support/engines';
import { expectError } from '../support/facade';

test.skipIf(inFirefox)('where the stack ends while the memory grows, what is there stays readable', () => {
  for (let padding = 0; padding < 100; padding++) {
    engine.reset({});
    const t = tensor([1, 2, 3]);
    const bytes = engine.memory.buffer.byteLength;
    // In each of the frames from the end of the stack up, until the memory has grown.
    const dive = (...values: number[]): void => {
      try {
        dive(...values);
      } catch {}
      if (engine.memory.buffer.byteLength !== bytes) return;
      try {
        engine.allocate(bytes, 'test');
      } catch {}
    };
    dive(...new Array<number>(padding).fill(0));
    expect(engine.memory.buffer.byteLength).toBeGreaterThan(bytes);
    expect(t.toArray()).toEqual([1, 2, 3]);
    t.dispose();
  }
});

test('a call that was stopped from outside while the memory grew: the next one finds the memory as it is', () => {
  engine.reset({});
  const t = tensor([1, 2, 3]);
  const before = engine.memory.buffer.byteLength;
  engine.memory.grow(16); // and no more, as where node:vm or a REPL ends a call
  expect(engine.f32).toHaveLength(0);
  const u = tensor([4, 5]);
  expect([...t.toTypedArray(), ...u.toTypedArray()]).toEqual([1, 2, 3, 4, 5]);
  const large = zeros([(before - engine.top + 2 ** 19) / 4]);
  expect(engine.memory.buffer.byteLength).toBe(before + 2 ** 20); // what it grew by is in use
  for (const each of [t, u, large]) each.dispose();
});

test('a host without room for the first memory: an OutOfMemoryError, and the next call works', () => {
  engine.reset({});
  const refused = vi.spyOn(WebAssembly, 'Memory').mockImplementation(
    class {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    } as never,
  );
  expectError(() => tensor([1]), OutOfMemoryError, 'simdgrad: no address space');
  refused.mockRestore();
  expect(tensor([1]).item()).toBe(1);
});
