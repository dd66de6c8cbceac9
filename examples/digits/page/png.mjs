// @ts-check
import { deflateSync } from 'node:zlib';

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const GRAY_WITH_ALPHA = 4;

/**
 * A square picture as a data URI: black ink whose opacity is the pixel's value, so any paper shows through.
 * Format: PNG (W3C Recommendation, third edition), 8 bits, gray with alpha, no row filters.
 * @param {ArrayLike<number>} pixels in 0 … 1, row by row
 * @param {number} side
 */
export function inkUri(pixels, side) {
  const rowLength = 1 + 2 * side;
  const rows = Buffer.alloc(side * rowLength);
  for (let i = 0; i < side * side; i++) {
    const row = Math.floor(i / side);
    rows[row * rowLength + 1 + 2 * (i % side) + 1] = Math.round(pixels[i] * 255);
  }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, GRAY_WITH_ALPHA, 0, 0, 0], 8);
  const png = Buffer.concat([
    Buffer.from(SIGNATURE),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  return `data:image/png;base64,${png.toString('base64')}`;
}

/**
 * @param {string} type
 * @param {Buffer} data
 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** @param {Uint8Array} bytes */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
