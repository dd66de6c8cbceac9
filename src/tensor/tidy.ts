import { isRecord, typeError } from '../engine/check.js';
import { enter, leave, own } from './scope.js';
import { Tensor } from './tensor.js';

/**
 * Runs `fn`, returns its result, and disposes every other tensor that functions made meanwhile. The result may be a tensor, or
 * contain tensors in arrays and plain objects. Outputs of layers, gradients and parameters are not touched; `keep(t)`
 * exempts one tensor. What a nested `tidy` returns belongs to the outer one.
 * @throws TypeError when `fn` returns a Promise: what it makes later could not be tidied
 */
export function tidy<T>(fn: () => T): T {
  if (typeof fn !== 'function') throw typeError('tidy', 'a function', fn);
  const made = enter();
  let result: T | undefined;
  let results: Set<object> | undefined;
  try {
    const value = fn();
    if (typeof (value as { then?: unknown } | null | undefined)?.then === 'function') {
      throw new TypeError('tidy: expected a synchronous function, got one that returned a Promise');
    }
    if (isRecord(value)) {
      const found = new Set<object>();
      collect(value, found, new Set());
      results = found; // where a getter in the result throws, there is none
    }
    result = value;
    return value;
  } finally {
    leave(made);
    for (const t of made) {
      if (t.kept) continue;
      if (t === result || results?.has(t)) own(t);
      else t.dispose();
    }
  }
}

/**
 * Exempts a tensor from every `tidy` that runs, and returns it; it is then the caller's to dispose.
 * @throws TypeError for anything but a Tensor
 */
export function keep(t: Tensor): Tensor {
  if (!(t instanceof Tensor)) throw typeError('keep', 'a Tensor', t);
  t.kept = true;
  return t;
}

function collect(value: unknown, into: Set<object>, seen: Set<object>): void {
  if (value instanceof Tensor) into.add(value);
  else if (isRecord(value) && !seen.has(value)) {
    seen.add(value);
    for (const item of Object.values(value)) collect(item, into, seen);
  }
}
