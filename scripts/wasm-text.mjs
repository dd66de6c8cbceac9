// How kernel modules travel inside JavaScript; src/wasm/decode.ts is the other half and describes the format.
//
// Measured when the modules had 45 KB (gzip bytes of the text, both together): base64 35,097, one character a byte and
// the second variant as a patch 13,007, as stand-ins (wasm-variants.mjs) 12,317. Deflate in base64 was 2 % less than
// the patch, and an inflater to ship.

/** Printable ASCII that no quoting style, template literal, HTML parser or minifier has to escape. */
const ALPHABET = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i))
  .filter((c) => !'"\'`\\$<'.includes(c))
  .join('');
/** The bytes from here on are the ones that a single character stands for: most opcodes and all small numbers. */
const FIRST = 224;
const PREFIX = ['', ' ', '!'];

/**
 * Bytes → text, byte-aligned so that gzip still finds what repeats.
 * @param {Uint8Array} bytes
 */
export function encode(bytes) {
  let text = '';
  for (const byte of bytes) {
    const n = (byte - FIRST + 256) % 256;
    text += PREFIX[Math.floor(n / ALPHABET.length)] + ALPHABET[n % ALPHABET.length];
  }
  return text;
}
