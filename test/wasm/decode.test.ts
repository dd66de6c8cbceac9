import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALPHABET, encode } from '../../scripts/wasm-text.mjs';
import { checkPairs, variant } from '../../scripts/wasm-variants.mjs';
import { decode, toVariant } from '../../src/wasm/decode';
import { moduleBytes } from '../../src/wasm/modules';
import { sharedModuleBytes } from '../../src/wasm/shared';

describe('a kernel module as text', () => {
  test('decodes to the same bytes, whatever they are', () => {
    const all = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(decode(ALPHABET + encode(all))).toEqual(all);
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decode(ALPHABET + encode(bytes))).toEqual(bytes);
      }),
    );
  });

  test('holds no character that a quote, a template, an HTML page or a minifier would escape', () => {
    const text = ALPHABET + encode(Uint8Array.from({ length: 256 }, (_, i) => i));
    expect(text).toMatch(/^[ !#%&(-;=-[\]^_a-~]+$/);
  });
});

describe('a variant', () => {
  const both = (bytes: number[]) =>
    (['baseline', 'relaxed'] as const).map((simd) => [...toVariant(Uint8Array.from(bytes), simd)]);

  test('has its own instructions in place of the stand-ins, with nops where they are shorter', () => {
    const mulAddSelectNot = [0xfd, 0xe6, 2, 7, 0xfd, 0xe4, 2, 7, 0xfd, 0x52, 2, 7, 0xfd, 0x4d, 2];
    expect(both(mulAddSelectNot)).toEqual([
      [0xfd, 0xe6, 1, 7, 0xfd, 0xe4, 1, 7, 0xfd, 0x52, 1, 7, 0xfd, 0x4d, 1],
      [1, 1, 1, 7, 0xfd, 0x85, 2, 7, 0xfd, 0x8b, 2, 7, 1, 1, 1],
    ]);
    expect(both([0xfd, 0xf2, 2, 0xfd, 0xf0, 2])).toEqual([
      [0xfd, 0xf2, 1, 0xfd, 0xf0, 1],
      [1, 1, 1, 0xfd, 0x87, 2],
    ]);
    // Behind a number that ends in the byte of the prefix.
    expect(both([0xfd, 0xfd, 0xe6, 2, 0xfd, 7, 0xfd, 0xe4, 2])).toEqual([
      [0xfd, 0xfd, 0xe6, 1, 0xfd, 7, 0xfd, 0xe4, 1],
      [0xfd, 1, 1, 1, 0xfd, 7, 0xfd, 0x85, 2],
    ]);
  });

  test.each([[0xfd], [0xfd, 0xe6], [0xfd, 0xe6, 1], [0xfc, 0xe6, 2], [0xfd, 0x85, 2], [0xfd, 0, 2]])(
    'keeps all other bytes: %i %i %i',
    (...bytes) => {
      expect(both(bytes)).toEqual([bytes, bytes]);
    },
  );

  test('is not made of a module in which a stand-in has other uses', () => {
    const product = Uint8Array.from([0xfd, 0x8d, 2]);
    expect(variant(product, 'f32x4.relaxed_min', 'text')).toEqual(Uint8Array.from([0xfd, 0xe6, 2]));
    expect(() => variant(product, '', 'text')).toThrow("f32x4.relaxed_min: 0 in the module's text, 1 in its bytes");
    const taken = Uint8Array.from([0xfd, 0x8d, 2, 0xfd, 0xe6, 2]);
    expect(() => variant(taken, 'f32x4.relaxed_min', 'text')).toThrow('the module has the bytes 253,230,2 already');
  });

  test('is not made of a module in which sums and products are not paired', () => {
    const product = '(f32x4.relaxed_min\n  (local.get 0)\n  (local.get 1)\n )';
    const sum = (of: string) => `(f32x4.relaxed_max\n ${of}\n (local.get 2))`;
    expect(() => checkPairs(sum(product) + sum(product))).not.toThrow();
    expect(() => checkPairs(sum(`(local.tee 3 ${product})`) + sum('(local.get 3)'))).toThrow(
      'a sum without a product: relaxed_max (local.tee',
    );
    expect(() => checkPairs(sum(product) + product)).toThrow('2 products, 1 sums');
  });
});

test.each(['baseline', 'relaxed'] as const)('the inlined %s module is the compiled file', (simd) => {
  expect(moduleBytes(simd)).toEqual(new Uint8Array(readFileSync(`build/kernels.${simd}.wasm`)));
});

describe('a module for a shared memory', () => {
  test.each(['baseline', 'relaxed'] as const)('differs from the %s one in the flag of its memory alone', (simd) => {
    const bytes = moduleBytes(simd);
    const shared = sharedModuleBytes(bytes);
    expect(bytes).toEqual(moduleBytes(simd)); // what it is made of stays
    expect(shared.length).toBe(bytes.length);
    const different = [...bytes.keys()].filter((i) => bytes[i] !== shared[i]);
    expect(different.map((i) => [bytes[i], shared[i]])).toEqual([[1, 3]]);
  });

  test('is not made of one whose memory has no maximum, or that is no memory', () => {
    const name = [6, ...new TextEncoder().encode('memory')];
    for (const end of [
      [2, 0, 1], // no maximum
      [0, 1, 1], // a function
      [2],
    ]) {
      const bytes = Uint8Array.from([2, 1, ...name, ...end]); // a 2 and a 1 elsewhere mean nothing
      expect(() => sharedModuleBytes(bytes)).toThrow('this module does not import a memory with a maximum');
    }
  });
});
