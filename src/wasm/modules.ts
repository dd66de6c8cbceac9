import { decodeBase64 } from './decode';
import { bytes as baseline } from './generated/baseline';
import { bytes as relaxed } from './generated/relaxed';

/** `baseline` rounds a·b + c twice, `relaxed` once (fused multiply-add). */
export type Simd = 'baseline' | 'relaxed';

/** The bytes of a single-threaded kernel module, inlined: nothing to find, fetch or configure. */
export function moduleBytes(simd: Simd): Uint8Array<ArrayBuffer> {
  return decodeBase64(simd === 'relaxed' ? relaxed : baseline);
}
