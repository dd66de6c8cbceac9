// How kernel modules travel inside JavaScript; src/wasm/decode.ts is the other half and describes the format.
//
// Measured with two variants of 44 KB (gzip bytes of the text, both together): base64 35,097, one character a byte with
// the second variant as a patch 13,246. Deflate in base64 was 2 % less than that, and an inflater to ship.

/** Printable ASCII that no quoting style, template literal, HTML parser or minifier has to escape. */
const ALPHABET = Array.from({ length: 92 }, (_, i) => String.fromCharCode(35 + i))
  .filter((c) => !'"\'`\\$<'.includes(c))
  .join('');
/** The bytes from here on are the ones that a single character stands for: most opcodes and all small numbers. */
const FIRST = 224;
const PREFIX = ['', ' ', '!'];
/** Bytes of a step of a patch. */
const STEP = 3;

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

/**
 * What turns `base` into `target`: steps of copy, skip, insert (one byte each), then the bytes to insert.
 * @param {Uint8Array} base
 * @param {Uint8Array} target
 */
export function patchBetween(base, target) {
  /** @type {number[]} */
  const patch = [];
  /** @type {(copy: number, skip: number, insert: number[]) => void} */
  const step = (copy, skip, insert) => {
    for (; copy > 255; copy -= 255) patch.push(255, 0, 0);
    for (; skip > 255; skip -= 255, copy = 0) patch.push(copy, 255, 0);
    for (; insert.length > 255; insert = insert.slice(255), copy = 0, skip = 0) {
      patch.push(copy, skip, 255, ...insert.slice(0, 255));
    }
    patch.push(copy, skip, insert.length, ...insert);
  };
  let copied = 0;
  for (const [at, skip, insert] of edits(base, target)) {
    step(at - copied, skip, insert);
    copied = at + skip;
  }
  step(base.length - copied, 0, []);
  return Uint8Array.from(patch);
}

/**
 * The shortest list of [position in a, bytes of a to skip, bytes to insert].
 * Myers, "An O(ND) difference algorithm and its variations" (1986): after d edits, diagonal k (d at most) has
 * reached furthest[middle + k] in `a`; each round keeps its own window of that, to walk back.
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
function edits(a, b) {
  const middle = a.length + b.length + 1;
  const furthest = new Int32Array(2 * middle + 1);
  const rounds = [];
  for (let d = 0; ; d++) {
    rounds.push(furthest.slice(middle - d - 1, middle + d + 2));
    for (let k = -d; k <= d; k += 2) {
      let x = before(rounds[d], d, k).next;
      while (x < a.length && x - k < b.length && a[x] === b[x - k]) x++;
      furthest[middle + k] = x;
      if (x >= a.length && x - k >= b.length) return merge(walkBack(rounds, a.length, b.length), a, b);
    }
  }
}

/**
 * The edit by which the furthest path reaches diagonal k in round d: where it starts in `a`, and where it arrives.
 * @param {Int32Array} window
 * @param {number} d
 * @param {number} k
 */
function before(window, d, k) {
  const fromBelow = window[d + k];
  const fromAbove = window[d + k + 2];
  const inserts = k === -d || (k !== d && fromBelow < fromAbove);
  return inserts ? { inserts, x: fromAbove, next: fromAbove } : { inserts, x: fromBelow, next: fromBelow + 1 };
}

/**
 * Single edits in order: [position in a, position in b, whether it inserts].
 * @param {Int32Array[]} rounds
 * @param {number} x
 * @param {number} y
 */
function walkBack(rounds, x, y) {
  /** @type {[x: number, y: number, inserts: boolean][]} */
  const list = [];
  for (let d = rounds.length - 1; d > 0; d--) {
    const k = x - y;
    const edit = before(rounds[d], d, k);
    x = edit.x;
    y = edit.x - (edit.inserts ? k + 1 : k - 1);
    list.push([x, y, edit.inserts]);
  }
  return list.reverse();
}

/**
 * Joins edits that fewer than three bytes lie between: a step of its own would cost more than to insert those too.
 * @param {[x: number, y: number, inserts: boolean][]} list
 * @param {Uint8Array} a
 * @param {Uint8Array} b
 */
function merge(list, a, b) {
  /** @type {[at: number, skip: number, insert: number[]][]} */
  const merged = [];
  for (const [x, y, inserts] of list) {
    let last = merged.at(-1);
    const end = last === undefined ? -STEP : last[0] + last[1];
    if (last === undefined || x - end >= STEP) {
      last = [x, 0, []];
      merged.push(last);
    } else {
      last[1] += x - end;
      last[2].push(...a.subarray(end, x));
    }
    if (inserts) last[2].push(b[y]);
    else last[1]++;
  }
  return merged;
}
