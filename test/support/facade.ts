import { expect } from 'vitest';
import { backendInfo, Random, type Tensor, tensor } from '../../src/index';
import { sizeOf } from '../reference/ndarray';
import { normal } from './seeds';

/** Bytes in live tensors. */
export function live(): number {
  return backendInfo().memory.live;
}

/** Pages of the linear memory. */
export function pages(): number {
  return backendInfo().memory.bytes / 65536;
}

type ErrorClass = new (...args: never[]) => Error;

/** `fn` throws exactly this class (not a subclass), with a message that begins with, or matches, `message`. */
export function expectError(fn: () => unknown, type: ErrorClass, message: string | RegExp): void {
  let thrown: unknown;
  try {
    fn();
  } catch (error) {
    thrown = error;
  }
  checkError(thrown, type, message);
}

/** As {@link expectError}, for what rejects. */
export async function expectRejection(
  promise: Promise<unknown>,
  type: ErrorClass,
  message: string | RegExp,
): Promise<void> {
  checkError(
    await promise.then(
      () => undefined,
      (error: unknown) => error,
    ),
    type,
    message,
  );
}

function checkError(thrown: unknown, type: ErrorClass, message: string | RegExp): void {
  if (thrown === undefined) expect.fail(`expected a ${type.name}, and nothing was thrown`);
  const error = thrown as Error;
  expect(`${error.constructor.name}: ${error.message}`).toMatch(
    typeof message === 'string' ? new RegExp(`^${type.name}: ${literal(message)}`) : message,
  );
  expect(error.constructor).toBe(type);
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Normal draws, the same for the same seed, independent of the library's Random. */
export function normalTensor(shape: readonly number[], seed = 1, std = 1): Tensor {
  return tensor(normal(sizeOf(shape), { seed, std }), shape);
}

/** |actual − exact| ≤ bound element by element, NaN where `exact` is NaN. */
export function expectClose(actual: ArrayLike<number>, exact: ArrayLike<number>, bound: number | ArrayLike<number>) {
  expect(actual.length).toBe(exact.length);
  for (let i = 0; i < exact.length; i++) {
    if (Number.isNaN(exact[i]) && Number.isNaN(actual[i])) continue;
    const allowed = typeof bound === 'number' ? bound : bound[i];
    if (!(Math.abs(actual[i] - exact[i]) <= allowed)) {
      expect.fail(`element ${i}: got ${actual[i]}, exact ${exact[i]}, allowed ${allowed}`);
    }
  }
}

/** Layers made inside a test file need a generator; one seed for all of them. */
export function random(seed = 7): Random {
  return new Random(seed);
}

/** An array with holes where `undefined` is given. */
export function sparse(...values: unknown[]): unknown[] {
  const array = new Array(values.length);
  values.forEach((value, i) => {
    if (value !== undefined) array[i] = value;
  });
  return array;
}
