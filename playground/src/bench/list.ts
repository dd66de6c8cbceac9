/** What is measured, in this order. */
export const ROWS = [
  { id: 'training', name: 'Training step', detail: '784-50-10, batch 100' },
  { id: 'matmul-64', name: 'Matrix product', detail: '64 × 64' },
  { id: 'matmul-128', name: 'Matrix product', detail: '128 × 128' },
  { id: 'matmul-256', name: 'Matrix product', detail: '256 × 256' },
  { id: 'matmul-512', name: 'Matrix product', detail: '512 × 512' },
  { id: 'relu', name: 'ReLU', detail: '65,536 numbers' },
  { id: 'sigmoid', name: 'Sigmoid', detail: '65,536 numbers' },
  { id: 'softmax', name: 'Softmax', detail: '100 rows of 1,000' },
] as const;
