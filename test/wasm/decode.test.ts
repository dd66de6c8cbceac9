import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { encode, patchBetween } from '../../scripts/wasm-text.mjs';
import { applyPatch, decode } from '../../src/wasm/decode';
import { moduleBytes } from '../../src/wasm/modules';

describe('a kernel module as text', () => {
  test('decodes to the same bytes, whatever they are', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decode(encode(all))).toEqual(all);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decode(encode(bytes))).toEqual(bytes);
      }),
    );
  });

  test('holds no character that a quote, a template, an HTML page or a minifier would escape', () => {
    const text = encode(Uint8Array.from({ length: 256 }, (_, i) => i));
    expect(text).toMatch(/^[ !#%&(-;=-[\]^_a-~]+$/);
  });
});

describe('a patch', () => {
  const fewValues = fc.uint8Array({ max: 3, maxLength: 40 }); // so that the two have runs in common

  test('turns one array of bytes into the other', () => {
    fc.assert(
      fc.property(fewValues, fewValues, (a, b) => {
        expect(applyPatch(a, patchBetween(a, b))).toEqual(b);
      }),
    );
  });

  test.each([0, 1, 254, 255, 256, 510, 511, 1000])('copies, skips and inserts runs of %i bytes', (n) => {
    const run = new Uint8Array(n).fill(1);
    const around = (middle: Uint8Array) => Uint8Array.from([7, ...middle, 8, ...run, 9]);
    for (const [a, b] of [
      [around(run), around(new Uint8Array(0))],
      [around(new Uint8Array(0)), around(run)],
      [around(run), around(new Uint8Array(n).fill(2))],
    ]) {
      expect(applyPatch(a, patchBetween(a, b))).toEqual(b);
    }
  });
});

test.each(['baseline', 'relaxed'] as const)('the inlined %s module is the compiled file', (simd) => {
  expect(moduleBytes(simd)).toEqual(new Uint8Array(readFileSync(`build/kernels.${simd}.wasm`)));
});
