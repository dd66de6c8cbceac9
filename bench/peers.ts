import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { groups } from './peers/groups';
import { shippedBytes } from './support/bytes';
import { load } from './support/library';
import { commit, machine } from './support/machine';
import { OURS } from './support/names';
import { countOf, fail, readArguments, simdOf } from './support/options';
import { isNewer, root } from './support/paths';
import type { Peer } from './support/peer';
import { comparePeers, loadPeer, PEERS, type PeerRow, THREADED_PEERS, WRONG } from './support/peers-compare';
import { printRow } from './support/peers-table';
import { writeReadme } from './support/readme';
import { writeReport } from './support/report';
import type { Results, Run } from './support/results';
import { readAllResults, readResults, writeEverywhere, writeResults } from './support/results-file';
import { Roof } from './support/roof';
import { startTimes } from './support/start';

const all = [...Object.keys(groups), 'start', 'bytes'];

const USAGE = `npm run bench:peers [-- [group…] [options]]
  group            one of ${all.join(', ')}; the others keep their last figures
  --simd baseline  our kernels for engines without relaxed SIMD
  --here           on this Node, also if it has no relaxed SIMD (else: npx -y node@24)
  --rounds n       rounds of each contender (11)
  --report         measure nothing: write report and README from bench/results/ again`;

const { values: options, positionals } = readArguments(
  USAGE,
  {
    simd: { type: 'string' },
    here: { type: 'boolean' },
    rounds: { type: 'string', default: '11' },
    report: { type: 'boolean' },
    group: { type: 'string' },
  },
  { names: true },
);
const wanted = positionals.length > 0 ? positionals : all;
const unknown = wanted.find((name) => !all.includes(name));
if (unknown !== undefined) fail(`${unknown}: no group; a name of two words wants quotes`);
const simdOption = simdOf(options.simd);
const rounds = countOf('--rounds', options.rounds);

if (options.group !== undefined) await runGroup(options.group);
else {
  if (!options.report) main();
  const engines = readAllResults();
  writeReport(engines);
  writeReadme(engines);
  console.log('\nwritten: bench/report.md, bench/report.html, the figures of README.md');
}

function main(): void {
  install();
  if (!options.here && !hasRelaxedSimd()) {
    const args = ['-y', 'node@24', process.argv[1]!, ...process.argv.slice(2), '--here'];
    const { status } = spawnSync('npx', args, { stdio: 'inherit', shell: process.platform === 'win32' });
    process.exit(status ?? 1);
  }
  const major = process.versions.node.split('.')[0]!;
  const results = readResults(major);
  for (const group of wanted) {
    if (group === 'bytes') {
      results.groups.bytes = shippedBytes();
      for (const row of results.groups.bytes) printRow(row);
      results.runs.bytes = now(); // the same on every machine and engine
      continue;
    }
    const part = runInProcess(group);
    if (part === undefined) continue;
    if (part.peers.length > 0) Object.assign(results, { peers: part.peers, absent: part.absent });
    results.groups[group] = part.rows;
    if (part.rows.some(({ contender, note }) => contender.startsWith(OURS) && note?.startsWith(WRONG))) {
      console.error(`${group}: wrong answers of ours, see above`);
      process.exitCode = 1;
    }
    results.runs[group] = { ...Object.fromEntries(machine(part.simd, part.threads)), ...now() };
  }
  const order = all.filter((group) => group in results.groups);
  results.groups = Object.fromEntries(order.map((group) => [group, results.groups[group]!]));
  results.runs = Object.fromEntries(order.map((group) => [group, results.runs[group]!]));
  writeResults(major, results);
  if (wanted.includes('bytes')) writeEverywhere('bytes', results);
}

/** When a group is measured, of what, and what to type for it. */
function now(): Run {
  const given = [
    ...positionals.map((name) => (name.includes(' ') ? `"${name}"` : name)),
    ...(options.simd === undefined ? [] : ['--simd', options.simd]),
    ...(options.rounds === '11' ? [] : ['--rounds', options.rounds]),
    // npx adds it where this Node has no relaxed SIMD.
    ...(options.here && !hasRelaxedSimd() ? ['--here'] : []),
  ];
  const command = ['npm run bench:peers', ...(given.length > 0 ? ['--', ...given] : [])].join(' ');
  return { date: new Date().toISOString().slice(0, 10), commit: commit(), command };
}

interface Part {
  simd: string;
  threads: number;
  peers: Results['peers'];
  absent: Results['absent'];
  rows: PeerRow[];
}

/** Every group has a process of its own: a clean heap, and no tier spoiled by the group before. */
function runInProcess(group: string): Part | undefined {
  const output = join(root, 'build/bench', `group.${group}.json`);
  const simd = options.simd === undefined ? [] : ['--simd', options.simd];
  const args = [process.argv[1]!, '--group', group, '--rounds', options.rounds, ...simd];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
  if (status === 0) return JSON.parse(readFileSync(output, 'utf8'));
  if (status === 2) process.exit(2); // it said why
  console.error(`${group}: the process ended with ${status}; its last figures stay`);
  process.exitCode = 1;
  return undefined;
}

async function runGroup(group: string): Promise<void> {
  const threads = groups[group]?.[0]?.threads ?? 1;
  const library = await load(simdOption, threads);
  const { simd } = library.backendInfo();
  const rows: PeerRow[] = [];
  // One after the other: what some of them do to the globals must not meet the start of another.
  const loaded: Awaited<ReturnType<typeof loadPeer>>[] = [];
  for (const file of threads > 1 ? THREADED_PEERS : PEERS) loaded.push(await loadPeer(file, threads));
  const peers = loaded.filter((peer): peer is Peer => !('failure' in peer));
  const absent = loaded.filter((peer) => 'failure' in peer);
  for (const { name, failure } of absent) console.log(`${name}: not run: ${failure}`);
  if (group === 'start') {
    rows.push(...startTimes(simdOption));
    for (const row of rows) printRow(row);
  } else {
    const roof = new Roof(simd);
    for (const line of groups[group]!) {
      const compared = await comparePeers(line, library, peers, roof, rounds);
      for (const row of compared) printRow(row);
      rows.push(...compared);
    }
  }
  for (const peer of peers) peer.close?.();
  const about = peers.map(({ name, version, evaluation }) => ({ name, version, evaluation }));
  const part: Part = { simd, threads, peers: threads > 1 ? [] : about, absent, rows };
  writeFileSync(join(root, 'build/bench', `group.${group}.json`), JSON.stringify(part));
  process.exit(0); // some peers keep the process alive
}

/** The rivals have their own lock file, outside the install of this package. */
function install(): void {
  const installed = join(root, 'bench/peers/node_modules/.package-lock.json');
  if (!isNewer(join(root, 'bench/peers/package-lock.json'), installed)) return;
  console.log('installing the peers: npm ci --prefix bench/peers');
  const args = ['ci', '--prefix', 'bench/peers', '--ignore-scripts'];
  const { status } = spawnSync('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

/** As the package decides it, which for a Node is the same in every process of it. */
function hasRelaxedSimd(): boolean {
  const { stdout } = spawnSync(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      "import { backendInfo } from './dist/node/index.js'; console.log(backendInfo().simd);",
    ],
    { cwd: root, encoding: 'utf8' },
  );
  return stdout.trim() === 'relaxed';
}
