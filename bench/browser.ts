// One training step in the installed browsers beside the same in Node, the same text and the same file of the package,
// turn by turn.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, firefox } from '../test/browser/browsers';
import { ISOLATED, visit } from '../test/browser/page';
import { readArguments } from './support/options';
import { root } from './support/paths';

const PACKAGE = join(root, 'dist/simdgrad.min.js');
/** The newest Node that npx has: its V8 is the nearest to the browser's. */
const NODE = '26';
const ROUNDS = 5;

readArguments(
  'npm run bench:browser: a training step in Chromium and in Firefox beside the same in Node; no options',
  {},
);

/** Milliseconds a step of 784-50-10, batch 100: the best of 60 batches of 25 steps, after a warm-up. */
const measure = (from: string) => `
import { Affine, backendInfo, Random, ReLU, Sequential, SGD, SoftmaxWithLoss } from ${JSON.stringify(from)};
const rng = new Random(1);
const net = new Sequential([Affine.init(784, 50, { rng }), new ReLU(), Affine.init(50, 10, { rng })]);
const criterion = new SoftmaxWithLoss();
const optimizer = new SGD(net.parameters(), { learningRate: 0.01 });
const x = rng.normal([100, 784]);
const labels = Array.from({ length: 100 }, (_, i) => i % 10);
const steps = (n) => {
  const began = performance.now();
  for (let i = 0; i < n; i++) {
    criterion.forward(net.forward(x), labels);
    net.backward(criterion.backward());
    optimizer.step();
  }
  return (performance.now() - began) / n;
};
steps(1000);
const times = Array.from({ length: 60 }, () => steps(25)).sort((a, b) => a - b);
const result = { best: times[0], median: times[30], simd: backendInfo().simd };
`;

interface Result {
  best: number;
  median: number;
  simd: string;
}

const browsers = [chromium, firefox].filter((browser) => browser !== undefined);
if (browsers.length === 0) {
  console.log('not run: neither Chromium nor Firefox here');
  process.exit(0);
}

const folder = mkdtempSync(join(tmpdir(), 'simdgrad-bench-'));
const file = join(folder, 'step.mjs');
writeFileSync(
  file,
  `${measure(pathToFileURL(PACKAGE).href)}console.log(JSON.stringify({ ...result, v8: process.versions.v8 }));`,
);
const script = `${measure('/simdgrad.js')}await fetch('/report', { method: 'POST', body: JSON.stringify({ ...result, agent: navigator.userAgent }) });`;
const site = {
  '/': { type: 'text/html', body: `<script type="module">${script}</script>`, headers: ISOLATED },
  '/simdgrad.js': { type: 'text/javascript', body: readFileSync(PACKAGE, 'utf8'), headers: ISOLATED },
};

process.on('exit', () => rmSync(folder, { recursive: true, force: true })); // also after a failure
const ratios = browsers.map((): number[] => []);
for (let round = 0; round < ROUNDS; round++) {
  const node = JSON.parse(execFileSync('npx', ['-y', `node@${NODE}`, file], { encoding: 'utf8' })) as Result & {
    v8: string;
  };
  const results = [`Node ${NODE}, V8 ${node.v8} ${milliseconds(node)}`];
  for (const [i, browser] of browsers.entries()) {
    const result = (await visit(browser, site, '/')) as Result & { agent: string };
    ratios[i]!.push(result.best / node.best);
    const name = /(Chrome|Firefox)\/[\d.]+/.exec(result.agent)?.[0] ?? result.agent;
    results.push(`${name} ${milliseconds(result)}`);
  }
  console.log(results.join('; '));
}
for (const [i, { name }] of browsers.entries()) {
  const median = ratios[i]!.sort((a, b) => a - b)[ROUNDS >> 1]!;
  console.log(
    `training step 784-50-10, batch 100: ${name} takes ${median.toFixed(2)} times what Node takes (median of ${ROUNDS})`,
  );
}

function milliseconds({ best, median, simd }: Result): string {
  return `(${simd}) ${best.toFixed(3)} ms, median ${median.toFixed(3)}`;
}
