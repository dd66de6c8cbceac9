import { decodeBase64 } from './decode.js';
import { bytes as baseline } from './generated/baseline.js';
import { bytes as relaxed } from './generated/relaxed.js';

/** `baseline` rounds a·b + c twice, `relaxed` once (fused multiply-add). */
export type Simd = 'baseline' | 'relaxed';

/** The bytes of a single-threaded kernel module, inlined: nothing to find, fetch or configure. */
export function moduleBytes(simd: Simd): Uint8Array<ArrayBuffer> {
  return decodeBase64(simd === 'relaxed' ? relaxed : baseline);
}
