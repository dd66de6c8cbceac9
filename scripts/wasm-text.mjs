// How kernel modules travel inside JavaScript; src/wasm/decode.ts is the other half and describes the format.
//
// Measured when the modules had 45 KB (gzip bytes of the text, both together): base64 35,097, one character a byte and
// the second variant as a patch 13,007, as stand-ins (wasm-variants.mjs) 12,317. Deflate in base64 was 2 % less than
// the patch, and an inflater to ship.

/**
 * Printable ASCII that no quoting style, template literal, HTML parser or minifier has to escape. gzip has the same codes for
 * characters here as in the program behind the text, so bytes that it has to spell out often get the letters that JavaScript
 * has often; scripts/find-alphabet.mjs found the order.
 */
export const ALPHABET = 'dZC;}iots)a l1rn]?+.-2u0[mg{Y|f>v46e,cBhDzN*R7KXHLq_FEJG%SAx3k5jU/!W:#b9y8^TpwQP~&@OVMI=(';
const CHARACTERS = 87;
/** The bytes from here on are the ones that a single character stands for: the prefix of SIMD instructions, all small numbers. */
const FIRST = 253;
const PREFIX = ['', ALPHABET[CHARACTERS], ALPHABET[CHARACTERS + 1]];

/**
 * Bytes → text, byte-aligned so that gzip still finds what repeats; without the alphabet, which belongs in front.
 * @param {Uint8Array} bytes
 */
export function encode(bytes) {
  let text = '';
  for (const byte of bytes) {
    const n = (byte - FIRST + 256) % 256;
    text += PREFIX[Math.floor(n / CHARACTERS)] + ALPHABET[n % CHARACTERS];
  }
  return text;
}
