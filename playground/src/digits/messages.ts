/** What the page and the worker that learns say to each other. */

export interface Settings {
  /** Neurons of each hidden layer. */
  neurons: number;
  /** How many hidden layers. */
  depth: number;
  activation: 'relu' | 'sigmoid';
  learningRate: number;
  batch: number;
  pace: Pace;
}

/** `slow`: few enough steps a second to watch them. */
export type Pace = 'full' | 'slow';

export interface Evaluation {
  loss: number;
  accuracy: number;
}

/** One measurement of the network, on digits that it learns from and on digits that it never sees. */
export interface Point {
  examples: number;
  train: Evaluation;
  test: Evaluation;
}

/** Rates while it computes; pauses do not count. */
export interface Speed {
  examplesPerSecond: number;
  flops: number;
}

export interface Backend {
  threads: number;
  threadsReason: string;
}

export type ToWorker =
  | { type: 'load'; url: string; settings: Settings }
  /** A new network. */
  | { type: 'reset'; settings: Settings }
  /** What can change while it learns: learning rate, batch, pace. */
  | { type: 'adjust'; settings: Settings }
  | { type: 'start' }
  | { type: 'pause' }
  | { type: 'threads'; count: number }
  | { type: 'recognize'; pixels: Float32Array }
  /** Asks for a random test digit. */
  | { type: 'sample' };

export type FromWorker =
  | { type: 'loaded'; train: number; test: number }
  | { type: 'backend'; backend: Backend }
  | { type: 'point'; point: Point }
  | { type: 'speed'; speed: Speed; examples: number; epochs: number }
  /** `pictures`: 784 weights for each of `count` neurons of the first layer. */
  | { type: 'weights'; pictures: Float32Array; count: number; total: number }
  | { type: 'diverged' }
  | { type: 'probabilities'; values: Float32Array }
  | { type: 'sample'; pixels: Float32Array; label: number }
  | { type: 'failed'; message: string };
