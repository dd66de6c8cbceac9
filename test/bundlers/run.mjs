// Proves that the packed tarball works, without a line of configuration, wherever it is imported: each target trains
// the same small network and must report the loss that Node reports with the same kernels.
//
//   npm run test:bundlers                all targets
//   npm run test:bundlers -- --quick     the subset of CI
//   npm run test:bundlers -- vite next   those whose name has one of these words
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { closeBrowser, takeDriver } from './lib/browser.mjs';
import { nodeCommand } from './lib/node.mjs';
import { NotRun } from './lib/outcome.mjs';
import { run } from './lib/run.mjs';
import { Workspace } from './lib/workspace.mjs';
import { targets as bundlers } from './targets/bundlers.mjs';
import { targets as nodes } from './targets/node.mjs';
import { targets as pages } from './targets/pages.mjs';
import { targets as runtimes } from './targets/runtimes.mjs';

const words = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const quick = process.argv.includes('--quick');
const chosen = [...nodes, ...bundlers, ...pages, ...runtimes]
  .filter((target) => !quick || target.quick)
  .filter(({ name }) => words.length === 0 || words.some((word) => name.toLowerCase().includes(word.toLowerCase())));

const workspace = await Workspace.create();
takeDriver(workspace);
const expected = await expectedLosses();
const counts = { passed: 0, FAILED: 0, 'not run': 0 };

for (const { name, run: runTarget } of chosen) {
  let outcome = 'passed';
  let detail = '';
  try {
    const { training, files } = await runTarget(workspace);
    detail = [training && check(training), training?.threads && checkThreads(training.threads), files && sizeOf(files)]
      .filter(Boolean)
      .join(', ');
  } catch (error) {
    outcome = error instanceof NotRun ? 'not run' : 'FAILED';
    detail = error.message;
  }
  counts[outcome]++;
  console.log(`${outcome.padEnd(8)} ${name.padEnd(40)} ${detail}`);
}
await closeBrowser();
workspace.remove();
console.log(
  Object.entries(counts)
    .map(([outcome, count]) => `${count} ${outcome}`)
    .join(', '),
);
process.exitCode = counts.FAILED === 0 && counts.passed > 0 ? 0 : 1;

/** The loss of each variant in Node; a variant that no Node here has is left out. */
async function expectedLosses() {
  const cwd = workspace.project('expected', {
    'default.mjs': `import { train } from './train.js';\nconsole.log(JSON.stringify(train()));\n`,
    'baseline.mjs': `import { init } from 'simdgrad';
import { train } from './train.js';
await init({ simd: 'baseline' });
console.log(JSON.stringify(train()));\n`,
  });
  const losses = {};
  const baseline = JSON.parse(await run(process.execPath, ['baseline.mjs'], { cwd }));
  losses[baseline.simd] = baseline.loss;
  try {
    const here = Number(process.versions.node.split('.')[0]);
    const [command, ...args] = nodeCommand(here >= 22 ? here : 24);
    const relaxed = JSON.parse(await run(command, [...args, 'default.mjs'], { cwd }));
    losses[relaxed.simd] = relaxed.loss;
  } catch (error) {
    if (!(error instanceof NotRun)) throw error;
  }
  return losses;
}

/**
 * The words for a result that is right.
 * @param {import('./lib/outcome.mjs').Training} training
 */
function check({ simd, loss }) {
  if (expected[simd] === undefined)
    throw new NotRun(`no Node here has the ${simd} kernels, nothing to compare ${loss} with`);
  if (loss === expected[simd]) return `${simd}, loss ${loss}`;
  // The standard lets an engine round a·b + c once or twice; then it computes what the baseline kernels do.
  if (loss === expected.baseline) return `${simd}, not fused by this engine, loss ${loss}`;
  throw new Error(`${simd} kernels: loss ${loss}, Node reports ${expected[simd]}`);
}

/**
 * The words for two threads, or one where the server of the target does not isolate its pages.
 * @param {NonNullable<import('./lib/outcome.mjs').Training['threads']>} outcome
 */
function checkThreads({ threads, reason, equal }) {
  if (!equal) throw new Error(`other bits on ${threads} threads`);
  if (threads !== 2 && !reason.includes('not cross-origin isolated')) throw new Error(`${threads} threads: ${reason}`);
  return threads === 2 ? '2 threads' : 'not isolated';
}

/** @param {string[]} files */
function sizeOf(files) {
  const contents = files.map((file) => readFileSync(file));
  const bytes = contents.reduce((sum, { length }) => sum + length, 0);
  const gzip = contents.reduce((sum, content) => sum + gzipSync(content, { level: 9 }).length, 0);
  return `${bytes} bytes, ${gzip} gzip`;
}
