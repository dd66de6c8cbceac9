// One loop a function: a shared loop that calls an operation would be several times slower.

/** Without a branch, which random signs would make ten times slower. */
export function relu(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) {
    const v = x[i]!;
    y[i] = (v + Math.abs(v)) * 0.5;
  }
}

export function reluBackward(dx: Float32Array, dout: Float32Array, y: Float32Array): void {
  for (let i = 0; i < y.length; i++) dx[i] = dout[i]! * Number(y[i]! > 0);
}

export function sigmoid(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = 1 / (1 + Math.exp(-x[i]!));
}

export function tanh(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.tanh(x[i]!);
}

export function exp(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.exp(x[i]!);
}

export function log(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.log(x[i]!);
}

export function sqrt(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.sqrt(x[i]!);
}

export function neg(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = -x[i]!;
}

export function abs(y: Float32Array, x: Float32Array): void {
  for (let i = 0; i < x.length; i++) y[i] = Math.abs(x[i]!);
}

export function add(y: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = a[i]! + b[i]!;
}

export function mul(y: Float32Array, a: Float32Array, b: Float32Array): void {
  for (let i = 0; i < y.length; i++) y[i] = a[i]! * b[i]!;
}

/** y [rows, cols] = a [rows, cols] + b [cols]. */
export function addRow(y: Float32Array, a: Float32Array, b: Float32Array): void {
  const cols = b.length;
  for (let at = 0; at < a.length; at += cols) {
    for (let j = 0; j < cols; j++) y[at + j] = a[at + j]! + b[j]!;
  }
}

/** w ← w − rate·g */
export function sgd(w: Float32Array, g: Float32Array, rate: number): void {
  for (let i = 0; i < w.length; i++) w[i]! -= rate * g[i]!;
}
