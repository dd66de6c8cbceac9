import type { Simd } from './simd.js';

/**
 * A kernel module as text. One character stands for one byte where it can, so that gzip and brotli find in
 * the text what they would find in the bytes: the text costs 2 % more than the file, base64 would cost 50 %.
 *
 * Byte b has the number n = (b - 253) mod 256. The text begins with its alphabet: a character for each of the numbers
 * 0 … 86, then two which, in front of a character, add 87 or 174 to its number.
 */
const CHARACTERS = 87;
const FIRST = 253;

/** Text of scripts/wasm-text.mjs to bytes. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(127);
  for (let n = 0; n < CHARACTERS + 2; n++) numbers[text.charCodeAt(n)] = n;

  const bytes = new Uint8Array(text.length);
  let length = 0;
  let first = FIRST;
  for (let i = CHARACTERS + 2; i < text.length; i++) {
    const n = numbers[text.charCodeAt(i)]!;
    if (n < CHARACTERS) {
      bytes[length++] = n + first;
      first = FIRST;
    } else first = FIRST + (n - CHARACTERS + 1) * CHARACTERS;
  }
  return bytes.slice(0, length);
}

/** The prefix of SIMD instructions. */
const SIMD = 0xfd;
/** The last byte of an instruction that the variants have differently; in the baseline it is a 1. */
const STAND_IN = 2;
const NOP = 1;
/**
 * The middle byte of the baseline's instruction, and of the one in its place with relaxed SIMD; 0 for three nops.
 * f32x4: mul (e6 = 230), add (e4 = 228) → relaxed_madd; f64x2 (f2 = 242, f0 = 240) likewise; v128.bitselect (52 = 82) →
 * i32x4.relaxed_laneselect; v128.not (4d = 77).
 */
const RELAXED: Record<number, number> = { 230: 0, 228: 0x85, 242: 0, 240: 0x87, 82: 0x8b, 77: 0 };

/** Makes a variant of the module that both come from (scripts/wasm-variants.mjs), in place. */
export function toVariant(bytes: Uint8Array<ArrayBuffer>, simd: Simd): Uint8Array<ArrayBuffer> {
  // indexOf, because this runs once, in code that nothing has optimized yet: a loop over the bytes took 3 ms.
  for (let i = bytes.indexOf(SIMD); i >= 0; i = bytes.indexOf(SIMD, i + 1)) {
    if (bytes[i + 2] !== STAND_IN) continue;
    const relaxed = RELAXED[bytes[i + 1]!];
    if (relaxed === undefined) continue;
    if (simd === 'baseline') bytes[i + 2] = 1;
    else if (relaxed) bytes[i + 1] = relaxed;
    else bytes.fill(NOP, i, i + 3);
  }
  return bytes;
}
