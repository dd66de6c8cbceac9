/** Base of every error that is simdgrad's own; wrong kinds of things are `TypeError`, numbers out of range `RangeError`. */
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

/** A `backward` without its `forward`, or a gradient that was not asked for. */
export class BackwardError extends SimdgradError {
  override readonly name = 'BackwardError';
}

/** A tensor used after `dispose()`, its own or that of the layer that owns it. */
export class DisposedError extends SimdgradError {
  override readonly name = 'DisposedError';
}

/** An `out` (or a layer's output) that is also an input, where the operation cannot work in place. */
export class AliasError extends SimdgradError {
  override readonly name = 'AliasError';
}

/** A valid shape with more bytes than there are. Older tensors stay readable, smaller requests work. */
export class OutOfMemoryError extends SimdgradError {
  override readonly name = 'OutOfMemoryError';
}

/** A worker that died or hung in the middle of a job: the output of that call is undefined. */
export class ThreadError extends SimdgradError {
  override readonly name = 'ThreadError';
}
