import { afterEach, describe, expect, test } from 'vitest';
import { moduleBytes } from '../../src/wasm/modules';
import { hasRelaxedSimd, hasSimd, tileRows } from '../../src/wasm/probe';

const { prepareStackTrace } = Error;

afterEach(() => {
  Error.prepareStackTrace = prepareStackTrace;
});

test('an engine has the SIMD with which it compiles our kernels', () => {
  expect([hasSimd(), hasRelaxedSimd()]).toEqual([
    WebAssembly.validate(moduleBytes('baseline')),
    WebAssembly.validate(moduleBytes('relaxed')),
  ]);
});

describe('tileRows', () => {
  const v8 = 'f16round' in Math ? 6 : 4;

  test('2 without fused multiply-add; with it, what the version of V8 keeps in registers', () => {
    expect(tileRows('baseline')).toBe(2);
    expect(tileRows('relaxed')).toBe(v8);
  });

  test('2 where a stack looks like that of Firefox or Safari', () => {
    Error.prepareStackTrace = () => 'tileRows@http://localhost/simdgrad.js:1:1';
    expect(tileRows('relaxed')).toBe(2);
  });

  test('a program that takes stacks apart changes nothing', () => {
    Error.prepareStackTrace = (_error, sites) => sites;
    expect(tileRows('relaxed')).toBe(v8);
  });
});
