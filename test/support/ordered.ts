const bits = new Int32Array(1);
const value = new Float32Array(bits.buffer);

/** Maps float32 to integers so that neighbours differ by one; both zeros are 0. */
export function ordered(x: number): number {
  value[0] = x;
  const b = bits[0]!;
  return b < 0 ? -(b & 0x7fffffff) : b;
}
