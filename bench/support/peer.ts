import type { Product } from './check';

/** Work of a peer. Either it runs in this process, perhaps asynchronously, or it times itself elsewhere. */
export interface PeerContender {
  run?(): unknown;
  /** Seconds that `count` runs take, for a peer in another process. */
  time?(count: number): Promise<number>;
  result(): ArrayLike<number> | Promise<ArrayLike<number>>;
  /** Why its answer cannot be compared with ours; then it is not. */
  unchecked?: string;
  dispose?(): void;
  /** Of plain JavaScript: seconds for which it runs before it is timed, without Maglev. */
  warm?: number;
}

/** Nothing where the peer does not offer this work, or not at this size. */
export type Made = PeerContender | undefined | Promise<PeerContender | undefined>;

/** A step of training and where it starts: the layers are affine, with ReLU between them. */
export interface TrainingStep {
  sizes: number[];
  batch: number;
  x: Float32Array;
  labels: Int32Array;
  /** One-hot rows of the labels. */
  oneHot: Float32Array;
  weights: Float32Array[];
  biases: Float32Array[];
  learningRate: number;
}

/** A contender of a training step gives its weights, one layer after the other, and then its biases. */
export type Parameters = (step: TrainingStep) => Made;

/**
 * A package that does the same work. What it does not offer it leaves out. Results go to new arrays where it has no
 * other way, and what it makes is freed in the same run.
 */
export interface Peer {
  name: string;
  version: string;
  /** How it computes and what makes it do so at once: both are part of what is timed. */
  evaluation: string;
  matmul?(product: Product): Made;
  unary?(name: string, x: Float32Array): Made;
  softmax?(x: Float32Array, rows: number, cols: number): Made;
  /** The mean loss as a number, and the gradient, which is the result. */
  softmaxLoss?(batch: { x: Float32Array; labels: Int32Array; oneHot: Float32Array; cols: number }): Made;
  /** By name: forward and backward written by hand, or the package's own gradients. */
  steps?: Record<string, Parameters>;
  /** Relu of four elements, so often in a run. */
  small?(x: Float32Array, times: number): Made;
  close?(): void;
}

/** Rows with a 1 at the label. */
export function oneHot(labels: Int32Array, cols: number): Float32Array {
  const rows = new Float32Array(labels.length * cols);
  for (const [row, label] of labels.entries()) rows[row * cols + label] = 1;
  return rows;
}
