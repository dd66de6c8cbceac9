import { type MockInstance, vi } from 'vitest';
import { engine } from '../../src/engine/engine';
import { OutOfMemoryError } from '../../src/index';

/** From now on the call number `fail` (from 1) of this method of the engine finds no memory, until the spy is restored. */
export function memoryEnds(method: 'allocate' | 'reserve', fail: number): MockInstance {
  const original = engine[method];
  let calls = 0;
  return vi.spyOn(engine, method).mockImplementation((byteLength, where) => {
    if (++calls === fail) throw new OutOfMemoryError('test');
    return original.call(engine, byteLength, where);
  });
}
