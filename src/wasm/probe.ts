import type { Simd } from './simd.js';

/** Whether this engine has 128-bit SIMD: every one since Chrome 91, Firefox 90, Safari 16.4; of Node, all that this package is for. */
export function hasSimd(): boolean {
  return accepts(0xfd, 12, ...new Array<number>(16).fill(0)); // v128.const 0
}

/** Whether it has relaxed SIMD: Chrome 114, Firefox 145, Node 22; a module that uses it does not compile elsewhere. */
export function hasRelaxedSimd(): boolean {
  const splat = [0x43, 0, 0, 0, 0, 0xfd, 19]; // f32.const 0, f32x4.splat
  return accepts(...splat, ...splat, ...splat, 0xfd, 0x85, 2); // f32x4.relaxed_madd
}

/** Whether a module compiles whose one function has this code and returns a v128. Node with --jitless, say, has no WebAssembly. */
function accepts(...code: number[]): boolean {
  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  const type = [1, 5, 1, 0x60, 0, 1, 0x7b];
  const functions = [3, 2, 1, 0];
  const body = [10, code.length + 4, 1, code.length + 2, 0, ...code, 0x0b];
  return (
    typeof WebAssembly === 'object' && WebAssembly.validate(Uint8Array.from([...head, ...type, ...functions, ...body]))
  );
}

/**
 * Rows of the gemm's register tile; every choice gives the same bits. 2 rows of 16, except in V8 with fused multiply-add: 6
 * rows of 8 there, or 4 before V8 13, since older versions load all operands of a loop body first, so that six rows spill
 * and run at half speed. They spill in Firefox 153, too, and run at a third. `Math.f16round` came with V8 13.5.
 */
export function tileRows(simd: Simd): number {
  if (simd === 'baseline' || !isV8()) return 2;
  return 'f16round' in Math ? 6 : 4;
}

/**
 * Only V8 (and Bun, which imitates it) puts the error itself on the first line of `stack`, and lets a program return something
 * else than a string (`Error.prepareStackTrace`): a sign that does not depend on the user agent.
 */
function isV8(): boolean {
  const { stack } = new Error();
  return typeof stack !== 'string' || stack.startsWith('Error');
}
