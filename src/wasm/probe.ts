import { decodeBase64 } from './decode.js';

// (module (func (result v128) (v128.const i32x4 0 0 0 0)))
const SIMD = 'AGFzbQEAAAABBQFgAAF7AwIBAAoWARQA/QwAAAAAAAAAAAAAAAAAAAAACw==';
// (module (func (result v128) (f32x4.relaxed_madd (f32x4.splat (f32.const 0)) … …)))
const RELAXED = 'AGFzbQEAAAABBQFgAAF7AwIBAAocARoAQwAAAAD9E0MAAAAA/RNDAAAAAP0T/YUCCw==';

/** Whether this engine has 128-bit SIMD: every one since Chrome 91, Firefox 89, Safari 16.4, Node 16.4. */
export function hasSimd(): boolean {
  return WebAssembly.validate(decodeBase64(SIMD));
}

/** Whether it has relaxed SIMD: Chrome 114, Firefox 145, Node 22; a module that uses it does not compile elsewhere. */
export function hasRelaxedSimd(): boolean {
  return WebAssembly.validate(decodeBase64(RELAXED));
}

/**
 * Rows of the gemm's register tile; every choice gives the same bits. Separate mul and add: 2 rows of 16. Fused: 6 rows
 * of 8, but 4 where V8 before 13 loads all operands of a loop body first, so that six rows spill and run at half speed.
 * `Math.f16round` came with V8 13.5 (and with the Firefox and Safari that have relaxed SIMD): a sign that does not
 * depend on the user agent.
 */
export function tileRows(simd: 'baseline' | 'relaxed'): number {
  if (simd === 'baseline') return 2;
  return 'f16round' in Math ? 6 : 4;
}
