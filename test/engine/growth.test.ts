import { expect, test, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { OutOfMemoryError, tensor } from '../../src/index';
import { expectError } from '../support/facade';

/** Its code needs more stack the second time where it was compiled anew in between. */
const inFirefox = /firefox/i.test(globalThis.navigator?.userAgent ?? '');

test.skipIf(inFirefox)('where the stack ends while the memory grows, what is there stays readable', () => {
  for (let padding = 0; padding < 100; padding++) {
    engine.reset(undefined, undefined);
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

test('a host without room for the first memory: an OutOfMemoryError, and the next call works', () => {
  engine.reset(undefined, undefined);
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
