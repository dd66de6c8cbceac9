/** Whether memory reaches to `end`: kernels read whole vectors past what they are given where there is something to read. */
// @ts-ignore: decorator
@inline
export function is_memory(end: usize): bool {
  return end <= <usize>memory.size() << 16;
}
