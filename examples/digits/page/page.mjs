// @ts-check
import { readFileSync } from 'node:fs';
import { count, percent, thousands } from '../format.mjs';
import { kernels, layers, memory } from '../summary.mjs';
import { lineChart } from './chart.mjs';
import { mistakesSection } from './mistakes.mjs';

/** @import { Mistake } from '../evaluate.mjs' */
/** @import { Summary } from '../summary.mjs' */
/** @import { Epoch } from '../train.mjs' */

/**
 * The run as one HTML file that needs nothing else: no script, no font, no network.
 * @param {Summary} summary
 * @param {Epoch[]} history
 * @param {Mistake[]} mistakes
 */
export function renderPage(summary, history, mistakes) {
  const style = readFileSync(new URL('style.css', import.meta.url), 'utf8');
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Digits: ${percent(summary.accuracy)} read correctly</title>
  <style>
${style}  </style>
</head>
<body>
  <header>
    <p class="eyebrow">simdgrad · handwritten digits</p>
    <h1>${percent(summary.accuracy)} <span>of ${thousands(summary.counts.test)} unseen digits read correctly</span></h1>
    ${facts(summary)}
  </header>
  <main>
    <section aria-labelledby="curves">
      <h2 id="curves">Learning curves</h2>
      ${curves(history)}
    </section>
    <section aria-labelledby="mistakes">
      ${mistakesSection(mistakes, summary.counts.test)}
    </section>
  </main>
  <footer>
    <p>The same again: <code>${command(summary)}</code></p>
  </footer>
</body>
</html>
`;
}

/** @param {Summary} summary */
function facts({ options, counts, step, backend, seconds }) {
  const rows = [
    ['Network', layers(options)],
    ['Training', `${count(options.epochs, 'epoch')} over ${thousands(counts.train)} digits`],
    ['SGD', `batch ${options.batch}, learning rate ${options.learningRate}`],
    ...(step
      ? [
          ['Training step', `${step.median.toFixed(3)} ms (median)`],
          ['Speed', `${thousands(step.examplesPerSecond)} examples/s`],
        ]
      : []),
    ['Kernels', kernels(backend)],
    ['Memory', memory(backend)],
    ['Time in all', `${seconds.toFixed(1)} s`],
  ];
  return `<dl>${rows.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>`;
}

/** @param {Epoch[]} history */
function curves(history) {
  if (history.length === 1) return '<p>This network was not trained.</p>';
  // The untrained network is so far off that it would flatten everything else; the table keeps it.
  const shown = history.length > 2 ? history.slice(1) : history;
  const x = shown.map(({ epoch }) => epoch);
  const last = history[history.length - 1];
  const after = `After ${count(last.epoch, 'epoch')}`;
  /** @param {'loss' | 'accuracy'} what */
  const series = (what) => [
    { name: 'train', kind: 'train', values: shown.map(({ train }) => train[what]) },
    { name: 'test', kind: 'test', values: shown.map(({ test }) => test[what]) },
  ];
  return `
    <div class="charts">${lineChart({
      title: 'Accuracy',
      description: `${after} ${percent(last.train.accuracy)} of the training digits, ${percent(last.test.accuracy)} of the test digits`,
      x,
      series: series('accuracy'),
      top: 1,
      format: percent,
      tick: (value) => `${Number((value * 100).toPrecision(4))}%`,
    })}${lineChart({
      title: 'Loss',
      description: `${after} ${last.train.loss.toFixed(3)} on the training digits, ${last.test.loss.toFixed(3)} on the test digits`,
      x,
      series: series('loss'),
      format: (value) => value.toFixed(3),
      tick: String,
    })}
    </div>
    <details>
      <summary>All values</summary>
      ${table(history)}
    </details>`;
}

/** @param {Epoch[]} history */
function table(history) {
  const rows = history.map(({ epoch, train, test }) => {
    const cells = [percent(train.accuracy), percent(test.accuracy), train.loss.toFixed(4), test.loss.toFixed(4)];
    return `<tr><th scope="row">${epoch}</th>${cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`;
  });
  return `<div class="scroll" tabindex="0" role="group" aria-label="Table of all values"><table>
        <thead>
          <tr><th scope="col" rowspan="2">Epoch</th><th scope="colgroup" colspan="2">Accuracy</th><th scope="colgroup" colspan="2">Loss</th></tr>
          <tr><th scope="col">train</th><th scope="col">test</th><th scope="col">train</th><th scope="col">test</th></tr>
        </thead>
        <tbody>
          ${rows.join('\n          ')}
        </tbody>
      </table></div>`;
}

/** @param {Summary} summary */
function command({ options }) {
  const { activation, hidden, epochs, batch, learningRate, seed } = options;
  return `npm start -- --activation ${activation} --hidden ${hidden} --epochs ${epochs} --batch ${batch} --learning-rate ${learningRate} --seed ${seed}`;
}
