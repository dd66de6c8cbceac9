/**
 * A kernel module as text. One character stands for one byte where it can, so that gzip and brotli find in
 * the text what they would find in the bytes: the text costs 2 % more than the file, base64 would cost 50 %.
 *
 * Byte b has the number n = (b - 224) mod 256. Numbers 0 … 86 are one character of the alphabet, numbers
 * 87 … 173 a space and one, numbers from 174 on a `!` and one.
 */
const ALPHABET = '#%&()*+,-./0123456789:;=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]^_abcdefghijklmnopqrstuvwxyz{|}~';
const FIRST = 224;
const SPACE = 32;
const EXCLAMATION = 33;

/** Text of scripts/wasm-text.mjs to bytes. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const numbers = new Uint8Array(128);
  for (let i = 0; i < ALPHABET.length; i++) numbers[ALPHABET.charCodeAt(i)] = FIRST + i;

  const bytes = new Uint8Array(text.length);
  let length = 0;
  let block = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === SPACE) block = ALPHABET.length;
    else if (code === EXCLAMATION) block = 2 * ALPHABET.length;
    else {
      bytes[length++] = numbers[code]! + block;
      block = 0;
    }
  }
  return bytes.slice(0, length);
}

/** The variants differ in a few hundred places, so all but one are stored as what to copy, skip and insert. */
export function applyPatch(base: Uint8Array, patch: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(base.length + patch.length);
  let length = 0;
  let from = 0;
  for (let at = 0; at < patch.length; ) {
    const copy = patch[at++]!;
    const skip = patch[at++]!;
    const insert = patch[at++]!;
    bytes.set(base.subarray(from, from + copy), length);
    bytes.set(patch.subarray(at, at + insert), length + copy);
    length += copy + insert;
    from += copy + skip;
    at += insert;
  }
  return bytes.slice(0, length);
}
