import type { Simd } from './simd.js';

/**
 * A kernel module as text. One character stands for one byte where it can, so that gzip and brotli find in
 * the text what they would find in the bytes: the text costs 2 % more than the file, base64 would cost 50 %.
 *
 * Byte b has the number n = (b - 224) mod 256. Numbers 0 … 86 are one character, of those from # to ~ that need no escape
 * anywhere; numbers 87 … 173 a space and one, numbers from 174 on a `!` and one.
 */
const LEFT_OUT = "$'<\\`";
const CHARACTERS = 87;
const FIRST = 224;
const SPACE = 32;
const EXCLAMATION = 33;

/** Text of scripts/wasm-text.mjs to bytes. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(127);
  for (let code = 35, byte = FIRST; code < 127; code++) {
    if (!LEFT_OUT.includes(String.fromCharCode(code))) numbers[code] = byte++;
  }

  const bytes = new Uint8Array(text.length);
  let length = 0;
  let block = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE) block = CHARACTERS;
    else if (code === EXCLAMATION) block = 2 * CHARACTERS;
    else {
      bytes[length++] = numbers[code]! + block;
      block = 0;
    }
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
