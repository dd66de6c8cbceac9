// asc compiles one module, in which instructions that no kernel uses for themselves stand where the variants differ
// (assembly/math/madd.ts). Each takes three bytes, and so does what a variant has in its place, if need be with nops:
// so the variants have one length and one order, and a single text carries both (src/wasm/decode.ts).

const SIMD = 0xfd;
const NOP = 0x01;
const NOPS = [NOP, NOP, NOP];

/** An instruction of WebAssembly's SIMD whose opcode takes two bytes. @param {number} opcode */
const simd = (opcode) => [SIMD, (opcode & 0x7f) | 0x80, opcode >> 7];

const STAND_INS = [
  // Between b and c: f32x4.mul, or nothing, so that a and b stay on the stack.
  { asc: 'f32x4.relaxed_min', bytes: simd(0x10d), baseline: simd(0xe6), relaxed: NOPS },
  // After c: f32x4.add, or f32x4.relaxed_madd.
  { asc: 'f32x4.relaxed_max', bytes: simd(0x10e), baseline: simd(0xe4), relaxed: simd(0x105) },
  // f64x2.mul and add, or f64x2.relaxed_madd.
  { asc: 'f64x2.relaxed_min', bytes: simd(0x10f), baseline: simd(0xf2), relaxed: NOPS },
  { asc: 'i16x8.relaxed_q15mulr_s', bytes: simd(0x111), baseline: simd(0xf2), relaxed: NOPS },
  { asc: 'f64x2.relaxed_max', bytes: simd(0x110), baseline: simd(0xf0), relaxed: simd(0x107) },
  // v128.bitselect, or itself.
  { asc: 'i32x4.relaxed_laneselect', bytes: simd(0x10b), baseline: [SIMD, 0x52, NOP], relaxed: simd(0x10b) },
  // v128.not, or nothing.
  { asc: 'i32x4.relaxed_trunc_f32x4_s', bytes: simd(0x101), baseline: [SIMD, 0x4d, NOP], relaxed: NOPS },
];

/**
 * The module of asc with its stand-ins replaced: by a variant's instructions, or for the text by the baseline's with a
 * 2 in place of the last byte. Throws where such bytes have another meaning in this module.
 * @param {Uint8Array} module
 * @param {string} wat the same in WebAssembly's text format
 * @param {'baseline' | 'relaxed' | 'text'} form
 */
export function variant(module, wat, form) {
  // As text of one character a byte, which can be searched.
  const bytes = Buffer.from(module).toString('latin1');
  const to = Uint8Array.from(module);
  for (const standIn of STAND_INS) {
    const text = [...standIn.baseline.slice(0, 2), 2];
    if (bytes.includes(String.fromCharCode(...text))) throw new Error(`the module has the bytes ${text} already`);
    const found = [...bytes.matchAll(new RegExp(String.fromCharCode(...standIn.bytes), 'g'))];
    const expected = wat.split(standIn.asc).length - 1;
    if (found.length !== expected)
      throw new Error(`${standIn.asc}: ${expected} in the module's text, ${found.length} in its bytes`);
    for (const { index } of found) to.set({ ...standIn, text }[form], index);
  }
  return to;
}

/**
 * Throws unless the first operand of each sum is a product of its own: asc might compute two equal products once, or put
 * other instructions between product and sum, but the relaxed variant has no product to share.
 * @param {string} nested a module in WebAssembly's text format, with folded instructions
 */
export function checkPairs(nested) {
  const sums = nested.match(/relaxed_max\s+\S+/g) ?? [];
  const products = nested.match(/relaxed_min|q15mulr_s/g) ?? [];
  const other = sums.find((sum) => !/\((f..x.\.relaxed_min|i16x8\.relaxed_q15mulr_s)$/.test(sum));
  if (other !== undefined) throw new Error(`a sum without a product: ${other.replace(/\s+/, ' ')}`);
  if (sums.length !== products.length) throw new Error(`${products.length} products, ${sums.length} sums`);
}
