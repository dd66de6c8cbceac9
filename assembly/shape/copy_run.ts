/** From here on the call that `memory.copy` is costs no more than the loop: measured, equal at 128. */
const LONG: i32 = 128;

/**
 * y = x, n elements that do not overlap.
 *
 * A target 1 to 31 bytes past its source, modulo 4096, takes the loop, too: `memory.copy` may end in `rep movsb`, which
 * then runs at a twentieth of its speed (measured from 4 to 256 KiB with glibc 2.36 on a Zen 3; bench/NOTES.md).
 */
// @ts-ignore: decorator
@inline
export function copy_run(y: usize, x: usize, n: i32): void {
  if (n >= LONG && <u32>((y - x) & 4095) - 1 > 30) {
    memory.copy(y, x, <usize>n << 2);
    return;
  }
  const end = x + (<usize>n << 2);
  for (const stop = x + (<usize>(n & ~3) << 2); x < stop; x += 16, y += 16) v128.store(y, v128.load(x));
  for (; x < end; x += 4, y += 4) store<u32>(y, load<u32>(x));
}
