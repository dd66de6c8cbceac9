/** What is measured, in this order: kernels, then a whole step, which by then runs on code that has been optimized. */
export const ROWS = [
  { id: 'matmul-64', name: 'Matrix product', detail: '64 × 64' },
  { id: 'matmul-128', name: 'Matrix product', detail: '128 × 128' },
  { id: 'matmul-256', name: 'Matrix product', detail: '256 × 256' },
  { id: 'matmul-512', name: 'Matrix product', detail: '512 × 512' },
  { id: 'relu', name: 'ReLU', detail: '65,536 numbers' },
  { id: 'sigmoid', name: 'Sigmoid', detail: '65,536 numbers' },
  { id: 'softmax', name: 'Softmax', detail: '100 rows of 1,000' },
  { id: 'training', name: 'Training step', detail: '784-50-10, batch 100' },
] as const;
