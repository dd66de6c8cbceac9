// @ts-check
import { SingleBar } from 'cli-progress';
import { thousands } from './format.mjs';

/** @import { Data } from './data.mjs' */
/** @import { Observer } from './train.mjs' */

/**
 * A progress bar of less than 80 columns on a terminal, a line for each epoch elsewhere.
 * @param {{ epochs: number, batch: number }} options
 * @param {Data} data
 * @param {NodeJS.WriteStream} [stream]
 * @returns {Observer}
 */
export function createProgress({ epochs, batch }, data, stream = process.stdout) {
  const stepsPerEpoch = Math.floor(data.train.labels.length / batch);
  return stream.isTTY && epochs > 0 ? bar(epochs, stepsPerEpoch, batch, stream) : lines(epochs, batch, stream);
}

/**
 * @param {number} epochs
 * @param {number} stepsPerEpoch
 * @param {number} batch
 * @param {NodeJS.WriteStream} stream
 * @returns {Observer}
 */
function bar(epochs, stepsPerEpoch, batch, stream) {
  const progress = new SingleBar({
    stream,
    hideCursor: true,
    barsize: 16,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    format: '{bar} epoch {epoch}/{epochs}  loss {loss}  accuracy {accuracy}  {speed} examples/s',
  });
  const speed = speedometer(batch);
  let done = 0;
  // A batch's loss jumps about; the bar shows a moving average over about twenty of them.
  let loss = Number.NaN;
  progress.start(epochs * stepsPerEpoch, 0, { epoch: 0, epochs, loss: '–', accuracy: '–', speed: '–' });
  return {
    step(step) {
      loss = Number.isNaN(loss) ? step.loss : 0.95 * loss + 0.05 * step.loss;
      speed.add(step.milliseconds);
      progress.update(++done, {
        epoch: Math.ceil(done / stepsPerEpoch),
        loss: loss.toFixed(4),
        speed: speed.text(),
      });
    },
    epoch({ test }) {
      progress.update({ accuracy: test.accuracy.toFixed(4) });
    },
    end() {
      progress.stop();
    },
  };
}

/**
 * @param {number} epochs
 * @param {number} batch
 * @param {NodeJS.WritableStream} stream
 * @returns {Observer}
 */
function lines(epochs, batch, stream) {
  const width = String(epochs).length;
  const speed = speedometer(batch);
  return {
    step({ milliseconds }) {
      speed.add(milliseconds);
    },
    epoch({ epoch, train, test }) {
      const columns = [
        `epoch ${String(epoch).padStart(width)}/${epochs}`,
        `loss ${train.loss.toFixed(4)}`,
        `accuracy ${train.accuracy.toFixed(4)} train, ${test.accuracy.toFixed(4)} test`,
      ];
      if (epoch > 0) columns.push(`${speed.text()} examples/s`);
      stream.write(`${columns.join('   ')}\n`);
    },
    end() {},
  };
}

/** @param {number} batch */
function speedometer(batch) {
  let examples = 0;
  let total = 0;
  return {
    /** @param {number} milliseconds */
    add(milliseconds) {
      examples += batch;
      total += milliseconds;
    },
    text: () => thousands((1000 * examples) / total),
  };
}
