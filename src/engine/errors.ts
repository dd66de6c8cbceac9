/** Base class of simdgrad's own errors. Values of the wrong type throw a `TypeError`, numbers out of range a `RangeError`. */
export class SimdgradError extends Error {
  override readonly name: string = 'SimdgradError';
}

/** Shapes that do not fit each other, the data, or the operation. */
export class ShapeError extends SimdgradError {
  override readonly name = 'ShapeError';
}

/** A tensor whose contents a later call has overwritten. */
export class StaleTensorError extends SimdgradError {
  override readonly name = 'StaleTensorError';
}

/** `backward` without a `forward` of its own, `step` without any gradient, or use of a gradient that was not computed. */
export class BackwardError extends SimdgradError {
  override readonly name = 'BackwardError';
}

/** A tensor used after `dispose()`, its own or that of the layer that owns it; or a layer used after its `dispose()`. */
export class DisposedError extends SimdgradError {
  override readonly name = 'DisposedError';
}

/** An `out` (or a layer's output) that is also an input, where the operation cannot work in place. */
export class AliasError extends SimdgradError {
  override readonly name = 'AliasError';
}

/** More memory asked for than can be had. Existing tensors stay readable, and smaller requests may still succeed. */
export class OutOfMemoryError extends SimdgradError {
  override readonly name = 'OutOfMemoryError';
}

/** A worker trapped, died or hung during a call: what that call was writing is undefined. */
export class ThreadError extends SimdgradError {
  override readonly name = 'ThreadError';
}
